"""Random search against grid search, where few of the settings matter.

A grid of 16 points over four settings tries each setting at two values only; 16 random points try it at
16 (Bergstra & Bengio 2012). Which setting matters is not known before.
"""

import itertools
import math

import torch
import torch.nn.functional as F

from netsitter.lab.chart import Chart
from netsitter.lab.data import Data, digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import mean, mlp

CLAIM = "With 16 trials over four settings random search finds better ones than a grid, on average."
NAMED: dict[str, tuple[str, ...]] = {}
SEEDS = (0, 1, 2, 3)
RANGES = {"lr": (1e-4, 1.0), "decay": (1e-6, 1e-1), "momentum": (0.1, 0.9), "width": (16, 128)}
TRIALS = 16
STEPS = 100


def measure() -> Result:
    data = digits().head(600)
    grid_best = _best([_train(point, data, 0) for point in _grid()])
    curves, bests = [], []
    for seed in SEEDS:
        scores = [_train(point, data, seed) for point in _random(seed)]
        curve = list(itertools.accumulate(scores, min))
        curves.append(curve)
        bests.append(curve[-1])
    counts = list(range(1, TRIALS + 1))
    wins = sum(best < grid_best for best in bests)
    return Result(
        seeds=SEEDS,
        columns=("best validation loss",),
        rows={"grid": [grid_best], "random, mean": [mean(bests)], "random, worst": [max(bests)]},
        checks=(
            Check(
                text="the mean of random searches is better than the grid",
                held=mean(bests) < grid_best,
                measured=f"{mean(bests):.3f} against {grid_best:.3f}; {wins} of {len(SEEDS)} searches won",
            ),
        ),
        charts=(
            Chart(
                title="Best validation loss so far",
                x="trials",
                y="validation loss",
                lines={
                    **{
                        f"random, seed {seed}": (counts, curve)
                        for seed, curve in zip(SEEDS, curves, strict=True)
                    },
                    "grid, all 16 points": ([1, TRIALS], [grid_best, grid_best]),
                },
                log_y=True,
            ),
        ),
    )


def _grid() -> list[dict[str, float]]:
    """Every combination of each setting's range at one third and two thirds, on a log scale."""
    values = [[low * (high / low) ** share for share in (1 / 3, 2 / 3)] for low, high in RANGES.values()]
    return [dict(zip(RANGES, point, strict=True)) for point in itertools.product(*values)]


def _random(seed: int) -> list[dict[str, float]]:
    generator = torch.Generator().manual_seed(seed)
    shares = torch.rand(TRIALS, len(RANGES), generator=generator).tolist()
    return [
        {name: low * (high / low) ** s for (name, (low, high)), s in zip(RANGES.items(), row, strict=True)}
        for row in shares
    ]


def _best(scores: list[float]) -> float:
    return min(scores, default=math.inf)


def _train(point: dict[str, float], data: Data, seed: int) -> float:
    """Validation loss after a short training; infinity where it is lost."""
    net = mlp((64, round(point["width"]), round(point["width"]), 10), seed=seed)
    optimizer = torch.optim.SGD(
        net.parameters(), lr=point["lr"], momentum=point["momentum"], weight_decay=point["decay"]
    )
    generator = torch.Generator().manual_seed(seed)
    for _ in range(STEPS):
        rows = torch.randint(len(data.x), (64,), generator=generator)
        optimizer.zero_grad()
        F.cross_entropy(net(data.x[rows]), data.y[rows]).backward()
        optimizer.step()
    with torch.no_grad():
        loss = float(F.cross_entropy(net(data.val_x), data.val_y))
    return loss if math.isfinite(loss) else math.inf
