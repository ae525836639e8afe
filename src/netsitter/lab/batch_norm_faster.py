"""Batch norm trains faster: fewer steps to the same loss.

After figure 1 of Ioffe & Szegedy 2015: three hidden layers of 100 sigmoids, the same rate with and
without. (A ReLU network from He's weights has healthy signals to begin with and gains nothing at a low
rate: what batch norm gives it are the higher rates of batch-norm-higher-rates.)
"""

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
    smooth,
    train,
)

CLAIM = "With batch norm the same network reaches the same loss in fewer steps."
NAMED: dict[str, tuple[str, ...]] = {}
SIZES = (64, 100, 100, 100, 10)
LEVEL = 0.5


def measure() -> Result:
    data = digits()
    tracks = over_seeds(
        {
            arm: lambda seed, norm=norm: train(
                mlp(SIZES, activation="sigmoid", init="xavier", norm=norm, seed=seed),
                data,
                lr=0.3,
                epochs=20,
                seed=seed,
            )
            for arm, norm in {"with batch norm": "before", "without": "none"}.items()
        }
    )
    steps = {arm: mean([_steps_to(run) for run in runs]) for arm, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text=f"it reaches a loss of {LEVEL} in under half the steps",
                held=steps["with batch norm"] < 0.5 * steps["without"],
                measured=f"{steps['with batch norm']:.0f} against {steps['without']:.0f} steps",
            ),
        ),
        charts=(loss_chart("Three layers of sigmoids, learning rate 0.3", tracks),),
        said=said_of(tracks),
    )


def _steps_to(run: Track) -> float:
    """The step at which the smoothed loss first fell below the level; all of them if it never did."""
    steps, values = smooth(run.losses)
    return float(next((s for s, v in zip(steps, values, strict=True) if v < LEVEL), len(run.losses)))
