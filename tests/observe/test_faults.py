"""Small programs with one fault each: the fault is the first thing named."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import netsitter
from netsitter.finding import Severity
from tests.observe.ordered_loops import STEPS, by_hand_mse, classes, likelihood, loop, net, reals


def sees(program: Callable[[], None]) -> list[str]:
    """Names of the sure findings, first things first."""
    torch.manual_seed(1)
    with netsitter.watch(quiet=True) as sitter:
        program()
    assert not sitter.diagnosis.broken
    return [f.name for f in sitter.findings if f.severity is not Severity.ODD and f.explained_by is None]


def stale() -> None:
    model = net()
    optimizer = torch.optim.Adam(model.parameters())
    model = net()
    loop(model, classes(), F.cross_entropy, optimizer=optimizer)


def left_out() -> None:
    model = net()
    loop(model, classes(), F.cross_entropy, optimizer=torch.optim.Adam(model[2:].parameters()))


def frozen_head() -> None:
    model = net()
    model[2].requires_grad_(False)
    loop(model, classes(), F.cross_entropy, optimizer=torch.optim.Adam(model[2:].parameters()))


class Cut(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.detach()


def detached() -> None:
    loop(nn.Sequential(nn.Linear(6, 24), nn.ReLU(), Cut(), nn.Linear(24, 3)), classes(), F.cross_entropy)


def forgotten_eval() -> None:
    model = net(norm=True)
    loop(model, classes(), F.cross_entropy, validate=model.eval)


def validated_in_training_mode() -> None:
    model, (x, y) = net(norm=True), classes()

    def validate() -> None:
        with torch.no_grad():
            F.cross_entropy(model(x[200:]), y[200:])

    loop(model, (x[:200], y[:200]), F.cross_entropy, validate=validate)


def missing_values() -> None:
    x, y = classes()
    x[7, 2] = float("nan")
    loop(net(), (x, y), F.cross_entropy, rows=200)


FAULTS = {
    "stale-optimizer": stale,
    "params-not-in-optimizer": left_out,
    "frozen-params": frozen_head,
    "detached-graph": detached,
    "eval-mode-during-training": forgotten_eval,
    "train-mode-during-eval": validated_in_training_mode,
    "non-finite-input": missing_values,
    "missing-optimizer-step": lambda: loop(net(), classes(), F.cross_entropy, order="zero forward backward"),
    "zero-grad-before-step": lambda: loop(
        net(), classes(), F.cross_entropy, order="forward backward zero step"
    ),
    "missing-zero-grad": lambda: loop(net(), classes(), F.cross_entropy, order="forward backward step"),
    "batchnorm-small-batch": lambda: loop(net(norm=True), classes(), F.cross_entropy, rows=2),
    "batch-mixing": lambda: loop(net(nn.LogSoftmax(0)), classes(), F.nll_loss),
    "double-softmax": lambda: loop(net(nn.Softmax(1)), classes(), F.cross_entropy),
    "missing-log-softmax": lambda: loop(net(), classes(), F.nll_loss),
    "gradient-sign": lambda: loop(net(), classes(), likelihood),
    "output-activation": lambda: loop(
        net(nn.ReLU(), out=1), reals(), lambda p, y: F.mse_loss(p.squeeze(1), y)
    ),
    "loss-shape-broadcast": lambda: loop(net(out=1), reals(), by_hand_mse),
    "loss-not-averaged": lambda: _summed(),
    "wrong-output-size": lambda: loop(
        net(out=1), classes(), lambda p, y: F.binary_cross_entropy_with_logits(p.squeeze(1), y.float())
    ),
    "unscaled-target": lambda: _unscaled(),
}


def _summed() -> None:
    model = net()
    sgd = torch.optim.SGD(model.parameters(), lr=0.2)
    loop(model, classes(), lambda p, y: F.cross_entropy(p, y, reduction="sum"), optimizer=sgd)


def _unscaled() -> None:
    x, y = reals()
    loop(net(out=1), (x, 1e5 * y + 3e5), lambda p, y: F.mse_loss(p.squeeze(1), y))


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_is_named_first(name):
    assert sees(FAULTS[name])[:1] == [name]


def negated_error() -> None:
    loop(net(out=1), reals(), lambda p, y: -F.mse_loss(p.squeeze(1), y))


def maximised() -> None:
    model = net()
    loop(model, classes(), F.cross_entropy, optimizer=torch.optim.SGD(model.parameters(), 0.1, maximize=True))


def broadcast_by_the_library() -> None:
    with pytest.warns(UserWarning, match="target size"):
        loop(net(out=1), reals(), F.mse_loss)


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (negated_error, "gradient-sign"),
        (maximised, "gradient-sign"),
        (broadcast_by_the_library, "loss-shape-broadcast"),
        (lambda: loop(net(nn.Softmax(1), out=1), classes(), lambda p, y: F.l1_loss(p[:, 0], (y > 0).float())),
         "output-activation"),
        (lambda: loop(net(nn.Sigmoid(), out=1), classes(),
                      lambda p, y: F.binary_cross_entropy_with_logits(p[:, 0], (y > 0).float())),
         "double-softmax"),
    ],
    ids=["minus an error", "maximize=True", "by mse_loss", "one-unit softmax", "sigmoid twice"],
)  # fmt: skip
def test_other_shapes_of_the_same_faults(program, name):
    assert sees(program)[:1] == [name]


def stepped_once_an_epoch() -> None:
    loop(net(), classes(), F.cross_entropy, order="zero forward backward " * 20 + "step", steps=12)


def channels_first_viewed() -> None:
    x = torch.randn(300, 6, 10)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    model = nn.Conv1d(6, 3, 1)
    loop(model, (x, y), lambda p, y: F.cross_entropy(p.reshape(-1, 3), y.reshape(-1)))


def uphill_by_hand() -> None:
    x, y = reals()
    w = torch.zeros(6, requires_grad=True)
    for _ in range(STEPS):
        (x @ w - y).square().mean().backward()
        with torch.no_grad():
            w += 0.1 * w.grad
            w.grad.zero_()


@pytest.mark.parametrize(
    ("program", "name"),
    [
        (uphill_by_hand, "lr-too-high"),
        (stepped_once_an_epoch, "missing-optimizer-step"),
        (channels_first_viewed, "labels-misaligned"),
    ],
)
def test_faults_of_the_loop_around_are_named_first(program, name):
    assert sees(program)[:1] == [name]
