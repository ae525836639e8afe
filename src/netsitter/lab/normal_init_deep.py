"""Standard normal weights in deep networks: tanh saturates, ReLU explodes.

A layer of 64 inputs with N(0, 1) weights multiplies the standard deviation of its input by 8. A tanh
is then at its flat ends, where nothing flows back; a ReLU passes everything on, and after ten layers
the numbers are 10^8 times too large (Glorot & Bengio 2010; He et al. 2015).
"""

import math
from collections.abc import Sequence

import torch
from torch import nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import (
    SCORES,
    SEEDS,
    mean,
    mlp,
    over_seeds,
    said_of,
    score_rows,
    signals,
    train,
)

CLAIM = "N(0, 1) weights saturate deep tanh networks and make deep ReLU networks explode."
NAMED = {
    "tanh, N(0, 1)": ("init-too-large", "saturated-units", "vanishing-gradients"),
    "relu, N(0, 1)": ("init-too-large", "exploding-gradients", "non-finite-loss"),
}
ARMS = {
    "tanh, N(0, 1)": ("tanh", "normal"),
    "relu, N(0, 1)": ("relu", "normal"),
    "relu, He": ("relu", "he"),
}
"""Activation and initialisation."""
DEPTH = 10
SIZES = (64, *[64] * DEPTH, 10)
FLAT = 0.99
"""|tanh| above it has a slope under 0.02."""


def measure() -> Result:
    data = digits()
    tracks = over_seeds(
        {
            arm: lambda seed, how=how: train(
                mlp(SIZES, activation=how[0], init=how[1], seed=seed), data, lr=0.01, epochs=10, seed=seed
            )
            for arm, how in ARMS.items()
        }
    )
    layers = list(range(1, DEPTH + 1))
    spreads, slopes = {}, {}
    for arm, (activation, init) in ARMS.items():
        spread, slope = signals(mlp(SIZES, activation=activation, init=init), data.x, data.y)
        spreads[arm], slopes[arm] = (layers, spread), (list(range(1, DEPTH + 2)), slope)
    flat = _share_flat(mlp(SIZES, activation="tanh", init="normal"), data.x)
    growth = spreads["relu, N(0, 1)"][1][-1] / spreads["relu, N(0, 1)"][1][0]
    lost = all(not math.isfinite(run.losses[-1]) or run.end > 10 for run in tracks["relu, N(0, 1)"])
    good = mean([run.accuracies[-1] for run in tracks["relu, He"]])
    bad = mean([run.accuracies[-1] for run in tracks["tanh, N(0, 1)"]])
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=_checks(lost, flat, growth, good, bad, [run.losses[-1] for run in tracks["relu, N(0, 1)"]]),
        charts=(
            Chart(
                title="Activations at the start",
                x="layer",
                y="standard deviation",
                lines=spreads,
                log_y=True,
            ),
            Chart(title="Gradients at the start", x="layer", y="root mean square", lines=slopes, log_y=True),
        ),
        said=said_of(tracks),
    )


def _checks(
    lost: bool, flat: float, growth: float, good: float, bad: float, last: Sequence[float]
) -> tuple[Check, ...]:
    return (
        Check(
            text="most tanh units start at their flat ends",
            held=flat > 0.5,
            measured=f"{flat:.0%} of |tanh| above {FLAT}",
        ),
        Check(
            text="the ReLU network's activations grow by more than 10^6 over ten layers",
            held=growth > 1e6,
            measured=f"{growth:.2g} times",
        ),
        Check(
            text="the ReLU network's training is lost",
            held=lost,
            measured=f"last losses {', '.join(f'{loss:.3g}' for loss in last)}",
        ),
        Check(
            text="He's weights train better than a saturated tanh",
            held=good > bad + 0.1,
            measured=f"accuracy {good:.3f} against {bad:.3f}",
        ),
    )


def _share_flat(net: nn.Sequential, x: torch.Tensor) -> float:
    shares = []
    for layer in net:
        x = layer(x)
        if isinstance(layer, nn.Tanh):
            shares.append(float((x.abs() > FLAT).float().mean()))
    return mean(shares)
