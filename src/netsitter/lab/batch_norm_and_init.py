"""Batch norm makes training depend less on the initial weights.

The scale of a layer's weights drops out of its normalised output (Ioffe & Szegedy 2015, section 3.3).
"""

import torch
from torch import nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean, mlp, train

CLAIM = "Over weights from 1/10 to 10 times He's, a network with batch norm ends nearly the same."
NAMED: dict[str, tuple[str, ...]] = {}
SIZES = (64, *[64] * 5, 10)
SCALES = (0.1, 0.3, 1.0, 3.0, 10.0)


def measure() -> Result:
    data = digits()
    rows: dict[str, list[float]] = {}
    for arm, norm in {"with batch norm": "before", "without": "none"}.items():
        rows[arm] = []
        for scale in SCALES:
            found = []
            for seed in SEEDS[:2]:
                net = mlp(SIZES, norm=norm, seed=seed)
                _scale_hidden(net, scale)
                run = train(net, data, lr=3e-3, epochs=8, seed=seed, optimizer="adam")
                found.append(run.accuracies[-1])
            rows[arm].append(mean(found))
    ranges = {arm: max(values) - min(values) for arm, values in rows.items()}
    return Result(
        seeds=SEEDS[:2],
        columns=tuple(f"accuracy at {scale:g} times He" for scale in SCALES),
        rows=rows,
        checks=(
            Check(
                text="the accuracies differ by less than half as much",
                held=ranges["with batch norm"] < 0.5 * ranges["without"],
                measured=f"best minus worst {ranges['with batch norm']:.3f} against {ranges['without']:.3f}",
            ),
        ),
        charts=(
            Chart(
                title="Accuracy after 8 epochs",
                x="scale of the first weights, in He's",
                y="validation accuracy",
                lines={arm: (SCALES, values) for arm, values in rows.items()},
                log_x=True,
            ),
        ),
    )


@torch.no_grad()
def _scale_hidden(net: nn.Sequential, scale: float) -> None:
    for layer in list(net)[:-1]:
        if isinstance(layer, nn.Linear):
            layer.weight.mul_(scale)
