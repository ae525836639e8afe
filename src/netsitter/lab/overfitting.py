"""The big gap and no gap: few noisy rows and a large network, or enough clean ones.

A large network learns few rows by heart, wrong labels and all: its training loss goes to zero while the
validation loss turns up. On eight times the rows, their labels right, both curves fall together.
"""

import math
from collections.abc import Mapping, Sequence

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits, mislabelled
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SCORES, SEEDS, Track, mean, mlp, over_seeds, said_of, score_rows, train

CLAIM = "On few noisy rows a large network overfits: the gap opens and validation turns up; else it does not."
NAMED = {"150 noisy rows": ("overfitting",)}
SIZES = (64, 256, 256, 10)
CHANCE = math.log(10)


def measure() -> Result:
    tracks = over_seeds(
        {
            "150 noisy rows": lambda seed: train(
                mlp(SIZES, seed=seed),
                mislabelled(seed, wrong=0.3).head(150),
                lr=1e-3,
                epochs=120,
                seed=seed,
                optimizer="adam",
                batch=32,
            ),
            "1200 rows": lambda seed: train(
                mlp(SIZES, seed=seed), digits(), lr=1e-3, epochs=8, seed=seed, optimizer="adam"
            ),
        }
    )
    gaps = {
        arm: mean([run.val_losses[-1] - run.end for run in runs]) / CHANCE for arm, runs in tracks.items()
    }
    few = tracks["150 noisy rows"]
    last, best = mean([run.val_losses[-1] for run in few]), mean([min(run.val_losses) for run in few])
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=_checks(last, gaps, best, tracks),
        charts=tuple(_curves(arm, runs[0]) for arm, runs in tracks.items()),
        said=said_of(tracks),
    )


def _checks(
    last: float, gaps: Mapping[str, float], best: float, tracks: Mapping[str, Sequence[Track]]
) -> tuple[Check, ...]:
    return (
        Check(
            text="few rows: the gap is over a quarter of the loss of an untrained network",
            held=gaps["150 noisy rows"] > 0.25,
            measured=f"{gaps['150 noisy rows']:.2f} of ln 10",
        ),
        Check(
            text="few rows: the validation loss ends well above its own best",
            held=last > 1.2 * best,
            measured=f"{last:.3f}, best {best:.3f}",
        ),
        Check(
            text="many rows: the gap is under a twentieth",
            held=abs(gaps["1200 rows"]) < 0.05,
            measured=f"{gaps['1200 rows']:.3f} of ln 10",
        ),
        Check(
            text="many rows: netsitter does not speak of overfitting",
            held="overfitting" not in said_of(tracks)["1200 rows"],
            measured=f"it named {', '.join(said_of(tracks)['1200 rows']) or 'nothing'}",
        ),
    )


def _curves(title: str, run: Track) -> Chart:
    """Both losses by epoch."""
    steps = len(run.losses) // len(run.val_losses)
    epochs = list(range(1, len(run.val_losses) + 1))
    training = [mean(run.losses[(e - 1) * steps : e * steps]) for e in epochs]
    return Chart(
        title=title,
        x="epoch",
        y="cross-entropy",
        lines={"training": (epochs, training), "validation": (epochs, run.val_losses)},
        log_y=True,
    )
