"""The output bias: flat at first, then a drop; or right from the start.

A network on a target far from 0 first has to move its output bias. Starting it at the target's mean saves
the time (Karpathy 2019, "init well"), and the first loss is then the target's variance, as theory says.
"""

from collections.abc import Mapping

import torch

from netsitter.lab.data import Data, noisy_line
from netsitter.lab.result import Check, Result
from netsitter.lab.training import (
    SEEDS,
    Track,
    loss_chart,
    mean,
    mlp,
    over_seeds,
    said_of,
    train,
)

CLAIM = "An output bias at the target's mean starts at the loss that theory gives and learns sooner."
NAMED = {"bias 0": ("bad-initial-loss", "unscaled-target", "lr-too-low")}
SIZES = (10, 64, 1)
OFFSET = 50.0


def measure() -> Result:
    def run(seed: int, *, is_right: bool) -> Track:
        line = noisy_line(seed)
        data = Data(x=line.x, y=line.y + OFFSET, val_x=line.val_x, val_y=line.val_y + OFFSET)
        net = mlp(SIZES, seed=seed)
        with torch.no_grad():
            net[-1].get_parameter("weight").mul_(0.1)
            if is_right:
                net[-1].get_parameter("bias").fill_(float(data.y.mean()))
        return train(net, data, lr=1e-2, epochs=60, seed=seed, optimizer="adam")

    tracks = over_seeds(
        {
            "bias 0": lambda seed: run(seed, is_right=False),
            "bias at the mean": lambda seed: run(seed, is_right=True),
        }
    )
    variance = mean([float(noisy_line(seed).y.var()) for seed in SEEDS])
    first = {arm: mean([run.losses[0] for run in runs]) for arm, runs in tracks.items()}
    ends = {arm: mean([run.end for run in runs]) for arm, runs in tracks.items()}
    return Result(
        seeds=SEEDS,
        columns=("first loss", "training loss", "validation loss"),
        rows={
            arm: [first[arm], ends[arm], mean([run.val_losses[-1] for run in runs])]
            for arm, runs in tracks.items()
        },
        checks=_checks(variance, ends, first),
        charts=(loss_chart(f"A target around {OFFSET:g}", tracks),),
        said=said_of(tracks),
    )


def _checks(variance: float, ends: Mapping[str, float], first: Mapping[str, float]) -> tuple[Check, ...]:
    return (
        Check(
            text="at the mean, the first loss is within 50 % of the target's variance",
            held=abs(first["bias at the mean"] / variance - 1) < 0.5,
            measured=f"{first['bias at the mean']:.2f}, variance {variance:.2f}",
        ),
        Check(
            text="after the same epochs its training loss is lower",
            held=ends["bias at the mean"] < ends["bias 0"],
            measured=f"{ends['bias at the mean']:.3f} against {ends['bias 0']:.3f}",
        ),
    )
