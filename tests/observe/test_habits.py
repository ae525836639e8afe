"""Small programs with a habit each that is no fault: nothing is said of their wiring."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import netsitter
from netsitter.finding import Severity
from tests.observe.ordered_loops import STEPS, by_hand_mse, classes, likelihood, loop, net, reals


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


def downhill_by_hand() -> None:
    x, y = reals()
    w = torch.zeros(6, requires_grad=True)
    for _ in range(STEPS):
        (x @ w - y).square().mean().backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
            w.grad.zero_()


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
        downhill_by_hand,
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
        "steps by hand",
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
