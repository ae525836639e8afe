"""L2 and decoupled weight decay: some training loss given back for what counts on new rows.

AdamW takes λ·w off the weights beside the gradient's step (Loshchilov & Hutter 2019). Too much of it
and the data's gradient no longer counts.
"""

from collections.abc import Sequence

from netsitter.lab.chart import Chart
from netsitter.lab.data import mislabelled
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, Track, mean, mlp, named, train

CLAIM = "Some weight decay raises the accuracy on new rows; far too much ruins it."
NAMED = {"decay 100": ("over-regularised",)}
SIZES = (64, 128, 128, 10)
DECAYS = (1e-4, 1.0, 3.0, 10.0, 100.0)


def measure() -> Result:
    losses, accuracies = [], []
    said = {}
    for decay in DECAYS:
        runs = [_train(decay, seed) for seed in SEEDS]
        losses.append(mean([run.end for run in runs]))
        accuracies.append(mean([run.accuracies[-1] for run in runs]))
        said[f"decay {decay:g}"] = named(runs)
    best = max(range(len(DECAYS)), key=lambda i: accuracies[i])
    return Result(
        seeds=SEEDS,
        columns=tuple(f"decay {decay:g}" for decay in DECAYS),
        rows={"training loss": losses, "validation accuracy": accuracies},
        checks=_checks(best, losses, accuracies),
        charts=(
            Chart(
                title="300 rows, a fifth of their labels wrong",
                x="weight decay",
                y="validation accuracy",
                lines={"validation accuracy": (DECAYS, accuracies)},
                log_x=True,
            ),
            Chart(
                title="What it costs in training",
                x="weight decay",
                y="training loss",
                lines={"training loss": (DECAYS, losses)},
                log_x=True,
                log_y=True,
            ),
        ),
        said=said,
    )


def _train(decay: float, seed: int) -> Track:
    return train(
        mlp(SIZES, seed=seed),
        mislabelled(seed, wrong=0.2).head(300),
        lr=1e-3,
        epochs=50,
        seed=seed,
        optimizer="adam",
        batch=32,
        weight_decay=decay,
    )


def _checks(best: int, losses: Sequence[float], accuracies: Sequence[float]) -> tuple[Check, ...]:
    return (
        Check(
            text="a decay in the middle has the highest accuracy on validation rows",
            held=0 < best < len(DECAYS) - 1,
            measured=f"{accuracies[best]:.3f} at {DECAYS[best]:g}, {accuracies[0]:.3f} with hardly any",
        ),
        Check(
            text="its training loss is higher than with hardly any: that is what it gives back",
            held=losses[best] > losses[0],
            measured=f"{losses[best]:.3f} against {losses[0]:.3f}",
        ),
        Check(
            text="a decay of 100 ends worse than hardly any",
            held=accuracies[-1] < accuracies[0],
            measured=f"{accuracies[-1]:.3f}",
        ),
    )
