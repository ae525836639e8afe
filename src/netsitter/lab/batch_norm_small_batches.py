"""Batch norm with batches of 2: the statistics are noise, and test time disagrees with training.

Two rows have a mean and a variance of two rows; the running averages used at test time fit none of the
batches (Wu & He 2018, group normalisation, figure 1).
"""

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
    train,
)

CLAIM = "With batches of 2, batch norm hurts; with batches of 32 it does not."
NAMED = {"batch norm, batches of 2": ("batchnorm-small-batch",)}
SIZES = (64, 64, 64, 64, 10)
ROWS = 400
ARMS = {
    "batch norm, batches of 2": ("before", 2, 0.01),
    "no norm, batches of 2": ("none", 2, 0.01),
    "batch norm, batches of 32": ("before", 32, 0.16),
    "no norm, batches of 32": ("none", 32, 0.16),
}
"""Norm, batch, rate; the rate grows with the batch (Goyal et al. 2017)."""


def measure() -> Result:
    data = digits().head(ROWS)
    tracks = over_seeds(
        {
            arm: lambda seed, how=how: train(
                mlp(SIZES, norm=how[0], seed=seed), data, lr=how[2], epochs=5, seed=seed, batch=how[1]
            )
            for arm, how in ARMS.items()
        }
    )
    losses = {arm: mean([run.val_losses[-1] for run in runs]) for arm, runs in tracks.items()}
    small = losses["batch norm, batches of 2"] - losses["no norm, batches of 2"]
    large = losses["batch norm, batches of 32"] - losses["no norm, batches of 32"]
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=_checks(small, large),
        charts=(
            Chart(
                title="Validation loss",
                x="epoch",
                y="loss",
                lines={
                    arm: (
                        list(range(1, 6)),
                        [mean(v) for v in zip(*(r.val_losses for r in runs), strict=True)],
                    )
                    for arm, runs in tracks.items()
                },
                log_y=True,
            ),
        ),
        said=said_of(tracks),
    )


def _checks(small: float, large: float) -> tuple[Check, ...]:
    return (
        Check(
            text="with batches of 2 batch norm raises the validation loss",
            held=small > 0,
            measured=f"by {small:+.3f}",
        ),
        Check(
            text="with batches of 32 it raises it less, or lowers it",
            held=large < small,
            measured=f"by {large:+.3f}",
        ),
    )
