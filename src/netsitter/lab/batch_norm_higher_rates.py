"""Batch norm allows higher learning rates.

Ioffe & Szegedy 2015, section 3.3: the scale of a weight no longer changes a layer's output, so a step
that is too large heals itself.
"""

import math

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean, mlp, named, train

CLAIM = "With batch norm a network trains at learning rates at which it fails without."
NAMED = {"without, highest rate": ("lr-too-high", "exploding-gradients", "non-finite-loss", "dead-units")}
SIZES = (64, *[64] * 5, 10)
RATES = (0.03, 0.1, 0.3, 1.0, 3.0)
WELL = 0.9


def measure() -> Result:
    data = digits()
    rows: dict[str, list[float]] = {}
    said: dict[str, tuple[str, ...]] = {}
    for arm, norm in {"with batch norm": "before", "without": "none"}.items():
        rows[arm] = []
        for rate in RATES:
            runs = [
                train(mlp(SIZES, norm=norm, seed=seed), data, lr=rate, epochs=6, seed=seed) for seed in SEEDS
            ]
            rows[arm].append(mean([run.accuracies[-1] for run in runs]))
            if rate == RATES[-1]:
                said[f"{arm}, highest rate"] = named(runs)
    highest = {
        arm: max((r for r, a in zip(RATES, values, strict=True) if a > WELL), default=math.nan)
        for arm, values in rows.items()
    }
    return Result(
        seeds=SEEDS,
        columns=tuple(f"accuracy at rate {rate:g}" for rate in RATES),
        rows=rows,
        checks=(
            Check(
                text=f"the highest rate that reaches an accuracy of {WELL} is at least 3 times as high",
                held=highest["with batch norm"] >= 3 * highest["without"],
                measured=f"{highest['with batch norm']:g} against {highest['without']:g}",
            ),
        ),
        charts=(
            Chart(
                title="Accuracy after 6 epochs",
                x="learning rate",
                y="validation accuracy",
                lines={arm: (RATES, values) for arm, values in rows.items()},
                log_x=True,
            ),
        ),
        said=said,
    )
