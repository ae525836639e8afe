"""Batch norm regularises a little, and lowers the need for dropout.

An example is normalised by the others that happen to be in its batch: noise that a network cannot learn
by heart (Ioffe & Szegedy 2015, section 3.4). The noise is the greater the smaller the batch and the higher
the rate.
"""

from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import (
    SCORES,
    loss_chart,
    mean,
    mlp,
    over_seeds,
    said_of,
    score_rows,
    train,
)

CLAIM = "On few rows batch norm lowers the validation loss, at least as far as dropout does."
NAMED: dict[str, tuple[str, ...]] = {}
SEEDS = (0, 1, 2)
ROWS = 300
SIZES = (64, 128, 128, 128, 128, 10)
ARMS = {
    "plain": ("none", 0.0),
    "dropout 0.1": ("none", 0.1),
    "dropout 0.3": ("none", 0.3),
    "batch norm": ("before", 0.0),
}


def measure() -> Result:
    data = digits().head(ROWS)
    tracks = over_seeds(
        {
            arm: lambda seed, how=how: train(
                mlp(SIZES, norm=how[0], dropout=how[1], seed=seed),
                data,
                lr=0.2,
                epochs=25,
                seed=seed,
                batch=16,
            )
            for arm, how in ARMS.items()
        },
        SEEDS,
    )
    ends = {arm: mean([run.val_losses[-1] for run in runs]) for arm, runs in tracks.items()}
    dropout = min(ends["dropout 0.1"], ends["dropout 0.3"])
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="batch norm alone lowers the validation loss",
                held=ends["batch norm"] < ends["plain"],
                measured=f"{ends['batch norm']:.4f} against {ends['plain']:.4f}",
            ),
            Check(
                text="it needs no dropout: either rate of dropout without batch norm does worse",
                held=ends["batch norm"] < dropout,
                measured=f"{ends['batch norm']:.4f} against {dropout:.4f}",
            ),
        ),
        charts=(loss_chart(f"{ROWS} rows to learn from", tracks),),
        said=said_of(tracks),
    )
