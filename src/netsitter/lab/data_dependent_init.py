"""Data-dependent weights: every unit starts with equal mean, variance and rate of learning.

Krähenbühl, Doersch, Donahue & Darrell 2015: first each unit's output is normalised on real rows (within
layers), then the layers are balanced so that each changes at the same rate (between layers).
"""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SCORES, SEEDS, mean, mlp, over_seeds, said_of, score_rows, train

CLAIM = "Looking at data makes units equal in mean and variance and layers equal in rate of learning."
NAMED: dict[str, tuple[str, ...]] = {}
SIZES = (64, 128, 32, 128, 32, 10)


def measure() -> Result:
    data = digits()
    # Columns of very different scale, as tables have them.
    scale = torch.logspace(-2, 2, 64)[torch.randperm(64, generator=torch.Generator().manual_seed(0))]
    raw = type(data)(x=data.x * scale, y=data.y, val_x=data.val_x * scale, val_y=data.val_y)
    batch, even = raw.x[:512], data.x[:512]
    inits = ("data-dependent", "he")
    rates: dict[str, list[float]] = {}
    for init in inits:
        found = [_rates(mlp(SIZES, init=init, seed=seed, inputs=even), even, data.y[:512]) for seed in SEEDS]
        rates[init] = [mean(layer) for layer in zip(*found, strict=True)]
    net = mlp(SIZES, init="data-dependent", seed=0, inputs=batch)
    first = net[0](batch).detach()
    spread_means = float(first.mean(0).abs().max() / first.std(0).mean())
    evenness = float(first.std(0).max() / first.std(0).min())
    uneven = {init: max(values) / min(values) for init, values in rates.items()}
    tracks = over_seeds(
        {
            init: lambda seed, init=init: train(
                mlp(SIZES, init=init, seed=seed, inputs=batch), raw, lr=0.01, epochs=12, seed=seed
            )
            for init in inits
        }
    )
    ends = {init: mean([run.accuracies[-1] for run in runs]) for init, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=_checks(spread_means, evenness, uneven, ends),
        charts=(
            Chart(
                title="How fast each layer would change",
                x="layer",
                y="‖gradient‖ / ‖weight‖",
                lines={init: (list(range(1, len(SIZES))), values) for init, values in rates.items()},
                log_y=True,
            ),
        ),
        said=said_of(tracks),
    )


def _checks(
    spread_means: float, evenness: float, uneven: Mapping[str, float], ends: Mapping[str, float]
) -> tuple[Check, ...]:
    return (
        Check(
            text="the first layer's units have equal means and standard deviations",
            held=spread_means < 0.05 and evenness < 1.1,
            measured=f"largest mean {spread_means:.3g} standard deviations; "
            f"largest over smallest deviation {evenness:.3f}",
        ),
        Check(
            text="the layers' rates of change are nearer to each other than from He's weights",
            held=uneven["data-dependent"] < uneven["he"],
            measured=f"fastest over slowest {uneven['data-dependent']:.1f} against {uneven['he']:.1f}",
        ),
        Check(
            text="on columns of very different scale the network ends better",
            held=ends["data-dependent"] > ends["he"],
            measured=f"accuracy {ends['data-dependent']:.3f} against {ends['he']:.3f}",
        ),
    )


def _rates(net: nn.Sequential, x: torch.Tensor, y: torch.Tensor) -> list[float]:
    """‖dW‖ / ‖W‖ of every linear layer."""
    F.cross_entropy(net(x), y).backward()
    layers = [layer for layer in net if isinstance(layer, nn.Linear)]
    rates = [
        float(layer.weight.grad.norm() / layer.weight.detach().norm())
        for layer in layers
        if layer.weight.grad is not None
    ]
    net.zero_grad()
    return rates
