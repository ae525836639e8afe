"""γ and β can undo batch norm: γ = sqrt(Var x + ε), β = E x is the identity.

So normalising takes no function away (Ioffe & Szegedy 2015, section 3); and a network can find them.
"""

from collections.abc import Sequence

import torch
from torch import nn

from netsitter.lab.chart import Chart
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean

CLAIM = "With γ = sqrt(Var x + ε) and β = E x batch norm passes its input on unchanged, and it can learn to."
NAMED: dict[str, tuple[str, ...]] = {}
STEPS = 600


def measure() -> Result:
    set_by_hand, learnt, gammas, betas = [], [], [], []
    curve: list[float] = []
    for seed in SEEDS:
        generator = torch.Generator().manual_seed(seed)
        x = 3.0 * torch.randn(512, 8, generator=generator) + 5.0
        norm = nn.BatchNorm1d(8)
        spread = (x.var(0, unbiased=False) + norm.eps).sqrt()
        with torch.no_grad():
            norm.weight.copy_(spread)
            norm.bias.copy_(x.mean(0))
            set_by_hand.append(float((norm(x) - x).abs().max()))
        fresh = nn.BatchNorm1d(8)
        losses = _learn(fresh, x)
        curve = curve or losses
        learnt.append(losses[-1])
        gammas.append(float((fresh.weight / spread - 1).abs().max().detach()))
        betas.append(float((fresh.bias - x.mean(0)).abs().max().detach()))
    return Result(
        seeds=SEEDS,
        columns=("largest error set by hand", "loss when learnt", "error of γ, relative", "error of β"),
        rows={"batch norm": [mean(set_by_hand), mean(learnt), mean(gammas), mean(betas)]},
        checks=_checks(set_by_hand, gammas, betas),
        charts=(
            Chart(
                title="Learning the identity",
                x="step",
                y="mean squared error",
                lines={"γ and β learnt": (list(range(STEPS)), curve)},
                log_y=True,
            ),
        ),
    )


def _learn(norm: nn.BatchNorm1d, x: torch.Tensor) -> list[float]:
    """Train γ and β towards the identity; the loss of every step."""
    optimizer = torch.optim.Adam(norm.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, STEPS)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = (norm(x) - x).square().mean()
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(float(loss.detach()))
    return losses


def _checks(
    set_by_hand: Sequence[float], gammas: Sequence[float], betas: Sequence[float]
) -> tuple[Check, ...]:
    return (
        Check(
            text="set by hand the output is the input, to rounding",
            held=max(set_by_hand) < 1e-4,
            measured=f"largest difference {max(set_by_hand):.2g}",
        ),
        Check(
            text="learnt by gradient descent γ and β come to the same values",
            held=max(gammas) < 0.01 and max(betas) < 0.05,
            measured=f"γ off by {max(gammas):.2g} of itself, β by {max(betas):.2g}",
        ),
    )
