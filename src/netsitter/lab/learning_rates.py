"""The learning rate: low, good, high, far too high.

Low: a slow, nearly straight descent. Good: fast, then flat. High: it drops, then swings on a plateau.
Far too high: it diverges. The four curves of every lecture on training.
"""

import math

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

CLAIM = "A low rate is slow, a high one swings on a plateau, a far too high one diverges."
NAMED = {
    "low, 3e-4": ("lr-too-low",),
    "far too high, 30": ("lr-too-high", "exploding-gradients", "non-finite-loss"),
}
SIZES = (64, 64, 64, 10)
RATES = {"low, 3e-4": 3e-4, "good, 0.1": 0.1, "high, 1": 1.0, "far too high, 30": 30.0}


def measure() -> Result:
    data = digits()
    tracks = over_seeds(
        {
            arm: lambda seed, rate=rate: train(mlp(SIZES, seed=seed), data, lr=rate, epochs=30, seed=seed)
            for arm, rate in RATES.items()
        }
    )
    ends = {arm: mean([run.end for run in runs]) for arm, runs in tracks.items()}
    far = ends["far too high, 30"]
    slow = mean([_share_in_last_half(run.losses) for run in tracks["low, 3e-4"]])
    return Result(
        seeds=SEEDS,
        columns=SCORES,
        rows=score_rows(tracks),
        checks=(
            Check(
                text="the good rate ends lowest",
                held=all(not ends["good, 0.1"] > end for end in ends.values()),
                measured=", ".join(f"{arm}: {end:.3g}" for arm, end in ends.items()),
            ),
            Check(
                text="the low rate still falls steadily: its second half brings over a quarter of its fall",
                held=slow > 0.25 and ends["low, 3e-4"] > 5 * ends["good, 0.1"],
                measured=f"{slow:.0%} of the fall",
            ),
            Check(
                text="the high rate ends on a higher plateau than the good one",
                held=not ends["high, 1"] < 2 * ends["good, 0.1"],
                measured=f"{ends['high, 1']:.3g} against {ends['good, 0.1']:.3g}",
            ),
            Check(
                text="far too high: the loss ends above where an untrained network is, or is lost",
                held=not math.isfinite(far) or far > math.log(10),
                measured=f"{far:.3g}, ln 10 = 2.30",
            ),
        ),
        charts=(loss_chart("Four learning rates", tracks, ceiling=1e3),),
        said=said_of(tracks),
    )


def _share_in_last_half(losses: tuple[float, ...]) -> float:
    tenth = max(1, len(losses) // 10)
    start, middle, end = (
        mean(losses[:tenth]),
        mean(losses[len(losses) // 2 : len(losses) // 2 + tenth]),
        mean(losses[-tenth:]),
    )
    return (middle - end) / (start - end)
