"""Label smoothing under noisy labels: a network less sure of itself.

The target becomes 1 − ε for the label and ε/C for every class (Szegedy et al. 2016). Where a fifth of the
training labels are wrong, being sure is being wrong (Lukasik et al. 2020).
"""

import torch.nn.functional as F
from torch import Tensor

from netsitter.lab.data import mislabelled
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

CLAIM = "With a fifth of the training labels wrong, label smoothing gives a higher accuracy on clean rows."
NAMED: dict[str, tuple[str, ...]] = {}
SIZES = (64, 128, 128, 10)
SMOOTHING = 0.2
WRONG = 0.2


def measure() -> Result:
    tracks = over_seeds(
        {
            arm: lambda seed, smoothing=smoothing: train(
                mlp(SIZES, seed=seed),
                mislabelled(seed, wrong=WRONG),
                lr=1e-3,
                epochs=60,
                seed=seed,
                optimizer="adam",
                loss=_Smoothed(smoothing),
            )
            for arm, smoothing in {"plain": 0.0, f"smoothing {SMOOTHING}": SMOOTHING}.items()
        }
    )
    ends = {arm: mean([run.accuracies[-1] for run in runs]) for arm, runs in tracks.items()}
    smooth = ends[f"smoothing {SMOOTHING}"]
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="the accuracy on clean rows is higher",
                held=smooth > ends["plain"],
                measured=f"{smooth:.3f} against {ends['plain']:.3f}",
            ),
        ),
        charts=(loss_chart("A fifth of the labels wrong", tracks),),
        said=said_of(tracks),
    )


class _Smoothed:
    """Cross-entropy, smoothed where gradients are wanted."""

    def __init__(self, smoothing: float) -> None:
        self.smoothing = smoothing

    def __call__(self, prediction: Tensor, target: Tensor) -> Tensor:
        smoothing = self.smoothing if prediction.requires_grad else 0.0
        return F.cross_entropy(prediction, target, label_smoothing=smoothing)
