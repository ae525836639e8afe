"""Dead units: a ReLU that is never on learns no more; a leaky one comes back.

Biases far below zero (or a step that was too large) leave a ReLU at 0 for every example, and its
gradient is 0 with it. A leaky ReLU's slope below zero lets it return.
"""

import torch
from torch import nn

from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import (
    SCORES,
    SEEDS,
    Track,
    loss_chart,
    mean,
    mlp,
    over_seeds,
    said_of,
    score_rows,
    train,
)

CLAIM = "Units that start dead stay dead with ReLU and recover with leaky ReLU."
NAMED = {"relu": ("dead-units",)}
SIZES = (64, 64, 64, 10)
BIAS = -6.0


def measure() -> Result:
    data = digits()
    shares: dict[str, list[float]] = {}

    def run(activation: str, seed: int) -> Track:
        net = mlp(SIZES, activation=activation, seed=seed)
        with torch.no_grad():
            for layer in list(net)[:-1]:
                if isinstance(layer, nn.Linear) and layer.bias is not None:
                    layer.bias.fill_(BIAS)
        track = train(net, data, lr=3e-3, epochs=20, seed=seed, optimizer="adam")
        with torch.no_grad():
            shares.setdefault(activation, []).append(_share_off(net, data.x))
        return track

    tracks = over_seeds({name: lambda seed, name=name: run(name, seed) for name in ("relu", "leaky-relu")})
    ends = {name: mean([run.accuracies[-1] for run in runs]) for name, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="after training most ReLUs of the second layer are off for every example",
                held=mean(shares["relu"]) > 0.5,
                measured=f"{mean(shares['relu']):.0%}; leaky: {mean(shares['leaky-relu']):.0%} below 0",
            ),
            Check(
                text="leaky ReLUs learn, ReLUs do not",
                held=ends["leaky-relu"] > ends["relu"] + 0.3,
                measured=f"accuracy {ends['leaky-relu']:.3f} against {ends['relu']:.3f}",
            ),
        ),
        charts=(loss_chart(f"Hidden biases of {BIAS:g} at the start", tracks),),
        said=said_of(tracks),
    )


def _share_off(net: nn.Sequential, x: torch.Tensor) -> float:
    """Share of the second hidden layer's units that are never above 0."""
    return float((net[:3](x) <= 0).all(0).float().mean())
