"""Small programs with one fault each: the fault is the first thing named. And habits that are none."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import netsitter
from netsitter.finding import Severity

STEPS = 60
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def net(*tail: nn.Module, out: int = 3, norm: bool = False) -> nn.Sequential:
    middle = [nn.BatchNorm1d(24)] if norm else []
    return nn.Sequential(nn.Linear(6, 24), *middle, nn.ReLU(), nn.Linear(24, out), *tail)


def classes(n: int = 240) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, 6)
    return x, torch.bucketize(x[:, 0] + 0.5 * x[:, 1], torch.tensor([-0.5, 0.5]))


def reals(n: int = 240) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, 6)
    return x, x[:, 0] - torch.sin(x[:, 1])


def loop(
    model: nn.Module,
    data: tuple[torch.Tensor, torch.Tensor],
    loss: Loss,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    order: str = "zero forward backward step",
    rows: int = 32,
    steps: int = STEPS,
    validate: Callable[[], object] = lambda: None,
) -> None:
    x, y = data
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=3e-3)
    value = torch.zeros(())
    for step in range(steps):
        batch = torch.randint(0, len(x), (rows,))
        for part in order.split():
            if part == "zero":
                optimizer.zero_grad()
            elif part == "forward":
                value = loss(model(x[batch]), y[batch])
            elif part == "backward":
                value.backward()
            elif part == "step":
                optimizer.step()
        if step % 20 == 19:
            validate()


def by_hand_mse(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return ((p - y) ** 2).mean()


def likelihood(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return F.log_softmax(p, 1)[torch.arange(len(y)), y].mean()


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


def accumulated() -> None:
    model, (x, y) = net(), classes()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(30):
        for part in torch.randperm(240)[:96].split(24):
            (F.cross_entropy(model(x[part]), y[part]) / 4).backward()
        optimizer.step()
        optimizer.zero_grad()


def backbone_kept() -> None:
    model = net()
    model[0].requires_grad_(False)
    loop(model, classes(), F.cross_entropy, optimizer=torch.optim.Adam(model.parameters(), lr=3e-3))


def gradients_dropped_by_hand() -> None:
    model, (x, y) = net(), classes()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        for parameter in model.parameters():
            parameter.grad = None


def monte_carlo() -> None:
    model, (x, y) = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 3)), classes()

    def sample() -> None:
        with torch.no_grad():
            for _ in range(8):
                model(x[200:])

    loop(model, (x[:200], y[:200]), F.cross_entropy, validate=sample)


def contrastive() -> None:
    model, (x, _) = net(out=8), classes()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        rows = x[torch.randint(0, 240, (32,))]
        one, two = (F.normalize(model(rows + 0.1 * torch.randn_like(rows)), dim=1) for _ in range(2))
        optimizer.zero_grad()
        F.cross_entropy(one @ two.T / 0.3, torch.arange(32)).backward()
        optimizer.step()


def attack() -> None:
    model, (x, y) = net(), classes()
    change = torch.zeros(32, 6, requires_grad=True)
    optimizer = torch.optim.SGD([change], lr=0.1)
    for _ in range(STEPS):
        optimizer.zero_grad()
        (-F.cross_entropy(model(x[:32] + change), y[:32])).backward()
        optimizer.step()


def stepped_once_an_epoch() -> None:
    loop(net(), classes(), F.cross_entropy, order="zero forward backward " * 20 + "step", steps=12)


def channels_first_viewed() -> None:
    x = torch.randn(300, 6, 10)
    y = (x[:, 0] > 0).long() + (x[:, 1] > 0).long()
    model = nn.Conv1d(6, 3, 1)
    loop(model, (x, y), lambda p, y: F.cross_entropy(p.reshape(-1, 3), y.reshape(-1)))


@pytest.mark.parametrize(
    ("program", "name"),
    [(stepped_once_an_epoch, "missing-optimizer-step"), (channels_first_viewed, "labels-misaligned")],
)
def test_faults_of_the_loop_around_are_named_first(program, name):
    assert sees(program)[:1] == [name]


def two_losses_before_either_step() -> None:
    models, (x, y) = [net(), net()], classes()
    optimizers = [torch.optim.Adam(model.parameters(), lr=3e-3) for model in models]
    for _ in range(STEPS):
        losses = [F.cross_entropy(model(x), y) for model in models]
        for optimizer, loss in zip(optimizers, losses, strict=True):
            optimizer.zero_grad()
            loss.backward()
        for optimizer in optimizers:
            optimizer.step()


def gradients_of_single_rows() -> None:
    model, (x, y) = net(), classes()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.3)
    for step in range(20):
        total = [torch.zeros_like(p) for p in model.parameters()]
        for row in range(16):
            optimizer.zero_grad()
            at = (16 * step + row) % 240
            F.cross_entropy(model(x[at : at + 1]), y[at : at + 1]).backward()
            nn.utils.clip_grad_norm_(model.parameters(), 0.5)
            total = [t + p.grad for t, p in zip(total, model.parameters(), strict=True) if p.grad is not None]
        for parameter, t in zip(model.parameters(), total, strict=True):
            parameter.grad = t / 16
        optimizer.step()


def summed_as_of_old() -> None:
    model = nn.Sequential(nn.Linear(6, 24), nn.ReLU(), nn.Linear(24, 6), nn.Sigmoid())
    x = torch.rand(240, 6)
    with pytest.warns(UserWarning, match="size_average"):
        loop(model, (x, x), lambda p, y: F.binary_cross_entropy(p, y, size_average=False))


WIRING = {"M", "O", "N", "I"}


@pytest.mark.parametrize(
    "program",
    [
        accumulated,
        backbone_kept,
        gradients_dropped_by_hand,
        monte_carlo,
        contrastive,
        attack,
        two_losses_before_either_step,
        gradients_of_single_rows,
        summed_as_of_old,
        lambda: loop(net(nn.LogSoftmax(1)), classes(), F.nll_loss),
        lambda: loop(net(nn.Softmax(1)), classes(), lambda p, y: F.nll_loss(p.log(), y)),
        lambda: loop(net(), classes(), lambda p, y: -likelihood(p, y)),
        lambda: loop(net(out=1), reals(), lambda p, y: by_hand_mse(p.squeeze(1), y)),
        lambda: loop(
            net(nn.Softplus(), out=1), reals(), lambda p, y: F.poisson_nll_loss(p[:, 0], (y > 0).float())
        ),
    ],
    ids=[
        "accumulation",
        "frozen backbone",
        "grad = None",
        "Monte Carlo dropout",
        "contrastive",
        "adversarial examples",
        "two losses, two steps",
        "gradients row by row",
        "size_average=False",
        "log-softmax and nll",
        "softmax, log, nll",
        "likelihood by hand",
        "squared error by hand",
        "poisson",
    ],
)
def test_habits_are_no_faults(program):
    torch.manual_seed(1)
    with netsitter.watch(quiet=True, select=sorted(WIRING)) as sitter:
        program()
    assert not sitter.diagnosis.broken
    assert [f.name for f in sitter.findings if f.severity is not Severity.ODD] == []
