"""Weights corrected for dropout: the keep rate enters the initialisation.

Hendrycks & Gimpel 2017: dropout with keep rate p multiplies the second moment of a signal by 1/p, so
that a deep network of He's weights starts with a signal that grows by 1/p at every layer. Dividing by
sqrt(E[f(z)²]/p + p·E[f'(z)²]) brings the growth back.
"""

import math
from collections.abc import Mapping

import torch

from netsitter.lab.chart import Chart
from netsitter.lab.data import Data, digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SCORES, SEEDS, mean, mlp, over_seeds, said_of, score_rows, signals, train

CLAIM = "With dropout, weights corrected for it start with a signal that keeps its size, and learn better."
NAMED: dict[str, tuple[str, ...]] = {}
DEPTH = 8
SIZES = (64, *[64] * DEPTH, 10)
DROPPED = 0.4


def measure() -> Result:
    data = digits()
    inits = ("dropout-corrected", "he")
    spreads = {init: _spreads(init, data) for init in inits}
    growth = {init: values[-1] / values[0] for init, values in spreads.items()}
    tracks = over_seeds(
        {
            init: lambda seed, init=init: train(
                mlp(SIZES, init=init, seed=seed, dropout=DROPPED),
                data,
                lr=1e-3,
                epochs=15,
                seed=seed,
                optimizer="adam",
            )
            for init in inits
        }
    )
    ends = {init: mean([run.val_losses[-1] for run in runs]) for init, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=_checks(growth, ends),
        charts=(
            Chart(
                title="Activations in training mode at the start",
                x="layer",
                y="standard deviation",
                lines={init: (list(range(1, DEPTH + 1)), values) for init, values in spreads.items()},
                log_y=True,
            ),
        ),
        said=said_of(tracks),
    )


def _spreads(init: str, data: Data) -> list[float]:
    """Standard deviation of each hidden layer in training mode, dropout on."""
    found = []
    for seed in SEEDS:
        torch.manual_seed(seed)
        net = mlp(SIZES, init=init, seed=seed, dropout=DROPPED)
        found.append(signals(net, data.x, data.y)[0])
    return [mean(layer) for layer in zip(*found, strict=True)]


def _checks(growth: Mapping[str, float], ends: Mapping[str, float]) -> tuple[Check, ...]:
    return (
        Check(
            text="from He's weights the signal grows over 8 layers of dropout by more than 3 times",
            held=growth["he"] > 3,
            measured=f"{growth['he']:.2f} times",
        ),
        Check(
            text="corrected weights, a compromise with the way back, keep it nearer to its size",
            held=abs(math.log(growth["dropout-corrected"])) < abs(math.log(growth["he"])),
            measured=f"{growth['dropout-corrected']:.2f} times",
        ),
        Check(
            text="the network then has a lower validation loss after the same epochs",
            held=ends["dropout-corrected"] < ends["he"],
            measured=f"{ends['dropout-corrected']:.3f} against {ends['he']:.3f}",
        ),
    )
