"""Dropout teaches redundancy: a network trained with it survives the loss of units.

Units cannot rely on each other when any of them may be missing (Srivastava et al. 2014, section 7 on
co-adaptation). Here units are removed after training, without mending the scale beyond 1/(1 − p).
"""

import torch
from torch import nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import Data, digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean, mlp, train

CLAIM = "A network trained with dropout loses less accuracy when hidden units are removed."
NAMED: dict[str, tuple[str, ...]] = {}
SIZES = (64, 64, 10)
REMOVED = (0.0, 0.2, 0.4, 0.6, 0.8)
ROUNDS = 20


def measure() -> Result:
    data = digits()
    rows: dict[str, list[float]] = {}
    for arm, dropout in {"without dropout": 0.0, "with dropout 0.5": 0.5}.items():
        found = []
        for seed in SEEDS:
            net = mlp(SIZES, seed=seed, dropout=dropout)
            train(net, data, lr=2e-3, epochs=30, seed=seed, optimizer="adam")
            found.append([_accuracy_without(net, data, share, seed) for share in REMOVED])
        rows[arm] = [mean(column) for column in zip(*found, strict=True)]
    at = REMOVED.index(0.6)
    lost = {arm: values[0] - values[at] for arm, values in rows.items()}
    return Result(
        seeds=SEEDS,
        columns=tuple(f"accuracy without {share:.0%} of the units" for share in REMOVED),
        rows=rows,
        checks=(
            Check(
                text="with 60 % of the units gone, it has lost less than half as much as without dropout",
                held=lost["with dropout 0.5"] < 0.5 * lost["without dropout"],
                measured=f"{lost['with dropout 0.5']:.3f} against {lost['without dropout']:.3f}",
            ),
        ),
        charts=(
            Chart(
                title="Accuracy as hidden units are removed",
                x="share of units removed",
                y="validation accuracy",
                lines={arm: (REMOVED, values) for arm, values in rows.items()},
            ),
        ),
    )


@torch.no_grad()
def _accuracy_without(net: nn.Sequential, data: Data, share: float, seed: int) -> float:
    """Mean accuracy over random choices of removed units, the others scaled by 1/(1 − share)."""
    net.eval()
    hidden, output = net[1](net[0](data.val_x)), net[-1]
    generator = torch.Generator().manual_seed(seed)
    right = []
    for _ in range(ROUNDS):
        kept = torch.rand(hidden.shape[1], generator=generator) >= share
        answer = output(hidden * kept / (1 - share)).argmax(1)
        right.append(float((answer == data.val_y).float().mean()))
    return mean(right)
