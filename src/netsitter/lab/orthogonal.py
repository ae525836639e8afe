"""Orthogonal weights: a deep linear network learns as fast as a shallow one.

Saxe, McClelland & Ganguli 2013: from orthogonal weights the learning time of a deep linear network
does not grow with its depth; from Gaussian weights of the same variance, whose product has ever more
unequal singular values, it does. The rate is divided by the number of layers, since each of them
moves the product.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean

CLAIM = "From orthogonal weights the learning time of a deep linear network does not depend on its depth."
NAMED: dict[str, tuple[str, ...]] = {}
DEPTHS = (2, 4, 8, 16, 32)
MOST_STEPS = 400
RATE = 0.5
DONE = 0.5
"""Cross-entropy of the training rows at which the digits count as learnt; it starts at 2.3 or above."""


def measure() -> Result:
    times: dict[str, list[float]] = {"orthogonal": [], "gaussian": []}
    for depth in DEPTHS:
        for init in times:
            times[init].append(mean([_steps_to_learn(depth, init, seed) for seed in SEEDS]))
    growth = {init: steps[-1] / steps[0] for init, steps in times.items()}
    return Result(
        seeds=SEEDS,
        columns=tuple(f"steps at depth {depth}" for depth in DEPTHS),
        rows=times,
        checks=(
            Check(
                text="orthogonal: 32 layers take at most twice the steps of 2",
                held=growth["orthogonal"] <= 2,
                measured=f"{growth['orthogonal']:.2f} times",
            ),
            Check(
                text="Gaussian of the same variance: 32 layers take more than twice as long",
                held=times["gaussian"][-1] > 2 * times["orthogonal"][-1],
                measured=f"{times['gaussian'][-1]:.0f} steps against {times['orthogonal'][-1]:.0f} "
                f"(at most {MOST_STEPS} were taken)",
            ),
        ),
        charts=(
            Chart(
                title="Steps until the digits are learnt",
                x="layers",
                y="steps",
                lines={init: (DEPTHS, steps) for init, steps in times.items()},
                log_x=True,
                log_y=True,
            ),
        ),
    )


def _steps_to_learn(depth: int, init: str, seed: int) -> float:
    data = digits().head(400)
    generator = torch.Generator().manual_seed(seed)
    shapes = [(64, 64)] * (depth - 1) + [(10, 64)]
    weights = [_draw(shape, init, generator).requires_grad_() for shape in shapes]
    optimizer = torch.optim.SGD(weights, lr=RATE / depth)
    for step in range(MOST_STEPS):
        product = weights[0]
        for weight in weights[1:]:
            product = weight @ product
        loss = F.cross_entropy(data.x @ product.t(), data.y)
        if not torch.isfinite(loss):
            return float(MOST_STEPS)
        if float(loss.detach()) < DONE:
            return float(step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return float(MOST_STEPS)


def _draw(shape: tuple[int, int], init: str, generator: torch.Generator) -> Tensor:
    weight = torch.empty(shape)
    if init == "orthogonal":
        return nn.init.orthogonal_(weight, generator=generator)
    return weight.normal_(0, shape[1] ** -0.5, generator=generator)
