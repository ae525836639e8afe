"""Sigmoid, ReLU, leaky ReLU: what reaches the first layer of a deep network.

A sigmoid's slope is at most 1/4, so a gradient shrinks at every layer on its way back; a ReLU's slope
is 1 where it is on (Glorot, Bordes & Bengio 2011), a leaky one's never 0 (Maas, Hannun & Ng 2013).
"""

from collections.abc import Mapping

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SCORES, SEEDS, mean, mlp, over_seeds, said_of, score_rows, signals, train

CLAIM = "Gradients vanish through sigmoid layers and survive ReLU and leaky ReLU layers."
NAMED = {"sigmoid": ("vanishing-gradients", "saturated-units", "init-too-small")}
DEPTH = 8
SIZES = (64, *[64] * DEPTH, 10)
ARMS = {"sigmoid": "xavier", "relu": "he", "leaky-relu": "he"}


def measure() -> Result:
    data = digits()
    tracks = over_seeds(
        {
            activation: lambda seed, activation=activation, init=init: train(
                mlp(SIZES, activation=activation, init=init, seed=seed),
                data,
                lr=1e-3,
                epochs=12,
                seed=seed,
                optimizer="adam",
            )
            for activation, init in ARMS.items()
        }
    )
    layers = list(range(1, DEPTH + 2))
    slopes = {
        activation: (layers, signals(mlp(SIZES, activation=activation, init=init), data.x, data.y)[1])
        for activation, init in ARMS.items()
    }
    ratio = {activation: line[0] / line[-1] for activation, (_, line) in slopes.items()}
    ends = {activation: mean([run.accuracies[-1] for run in runs]) for activation, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=_checks(ratio, ends),
        charts=(
            Chart(title="Gradients at the start", x="layer", y="root mean square", lines=slopes, log_y=True),
        ),
        said=said_of(tracks),
    )


def _checks(ratio: Mapping[str, float], ends: Mapping[str, float]) -> tuple[Check, ...]:
    return (
        Check(
            text="sigmoid: the first layer's gradient is under 1/1000 of the last's",
            held=ratio["sigmoid"] < 1e-3,
            measured=f"ratio {ratio['sigmoid']:.2g}",
        ),
        Check(
            text="ReLU and leaky ReLU: it is over 1/20",
            held=min(ratio["relu"], ratio["leaky-relu"]) > 0.05,
            measured=f"ratios {ratio['relu']:.2g} and {ratio['leaky-relu']:.2g}",
        ),
        Check(
            text="both learn far more than the sigmoid network in the same epochs",
            held=min(ends["relu"], ends["leaky-relu"]) > ends["sigmoid"] + 0.3,
            measured=", ".join(f"{name} accuracy {value:.3f}" for name, value in ends.items()),
        ),
    )
