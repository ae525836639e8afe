"""Zero weights: no better than the output bias.

With every weight 0 all hidden units of a layer are the same unit, and they stay the same: their
gradients are equal, too. Only the output bias learns, so the network ends at the frequencies of the
classes (Goodfellow, Bengio & Courville 2016, section 8.4, on breaking symmetry).
"""

import math

import torch

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

CLAIM = "A network that starts from zero weights learns nothing but its output bias."
NAMED = {"zeros": ("zero-init",)}
SIZES = (64, 64, 64, 10)


def measure() -> Result:
    data = digits()
    tracks = over_seeds(
        {
            init: lambda seed, init=init: train(
                mlp(SIZES, init=init, seed=seed), data, lr=0.1, epochs=15, seed=seed
            )
            for init in ("zeros", "he")
        }
    )
    priors = torch.bincount(data.y).float() / len(data.y)
    entropy = float(-(priors * priors.log()).sum())
    ends = [run.end for run in tracks["zeros"]]
    best_class = float((data.val_y == priors.argmax()).float().mean())
    reached = mean([run.accuracies[-1] for run in tracks["zeros"]])
    gain = mean([run.end for run in tracks["he"]])
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="from zeros the loss ends at the entropy of the class frequencies",
                held=all(abs(end - entropy) < 0.02 for end in ends),
                measured=f"loss {mean(ends):.4f}, entropy {entropy:.4f}, ln 10 = {math.log(10):.4f}",
            ),
            Check(
                text="its accuracy is no better than guessing one class",
                held=reached < best_class + 0.05,
                measured=f"accuracy {reached:.3f}, one class alone {best_class:.3f}",
            ),
            Check(
                text="the same network from He's weights learns",
                held=gain < 0.2 * entropy,
                measured=f"loss {gain:.4f}",
            ),
        ),
        charts=(loss_chart("Zero weights against He's", tracks),),
        said=said_of(tracks),
    )
