"""Batch norm before or after the activation: both train.

Ioffe & Szegedy 2015 put it before; many practitioners found after as good or better. The claim here is
only that either beats none, and by far more than they differ.
"""

from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import (
    SCORES,
    SEEDS,
    loss_chart,
    mean,
    mlp,
    over_seeds,
    said_of,
    score_rows,
    train,
)

CLAIM = "Before or after the activation matters far less than whether there is batch norm."
NAMED: dict[str, tuple[str, ...]] = {}
SIZES = (64, *[64] * 6, 10)
RATE = 0.5
"""One at which it matters: batch-norm-higher-rates shows that below it a ReLU network needs none."""


def measure() -> Result:
    data = digits()
    tracks = over_seeds(
        {
            norm: lambda seed, norm=norm: train(
                mlp(SIZES, norm=norm, seed=seed), data, lr=RATE, epochs=10, seed=seed
            )
            for norm in ("before", "after", "none")
        }
    )
    average = {arm: mean([mean(run.losses) for run in runs]) for arm, runs in tracks.items()}
    apart = abs(average["before"] - average["after"])
    gain = average["none"] - max(average["before"], average["after"])
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="both have a lower mean training loss than none",
                held=gain > 0,
                measured=", ".join(f"{arm} {value:.3f}" for arm, value in average.items()),
            ),
            Check(
                text="they differ by less than half of what the worse of them gains",
                held=apart < 0.5 * gain,
                measured=f"difference {apart:.3f}, gain {gain:.3f}",
            ),
        ),
        charts=(loss_chart("Batch norm before, after, or none", tracks),),
        said=said_of(tracks),
    )
