"""Dropout's expectation at test time: the right way and the wrong way.

In training each unit is zeroed with probability p and the survivors are scaled by 1/(1 − p); at test
time all units are on, and a linear layer sees what it saw in training on average. Without either scaling
its input is 1/(1 − p) times too large at test time (Srivastava et al. 2014).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netsitter.lab.chart import Chart
from netsitter.lab.data import digits
from netsitter.lab.result import Check, Result
from netsitter.lab.training import SEEDS, mean, mlp, train

CLAIM = "With survivors scaled in training, all units on at test time give the average training output."
NAMED = {"dropout left on at test time": ("train-mode-during-eval",)}
P = 0.5
DRAWS = 400
SIZES = (64, 128, 10)
DEEP = (64, 128, 128, 128, 10)


class UnscaledDropout(nn.Module):
    """The wrong way: units are zeroed in training, and nothing is scaled, then or at test time."""

    def forward(self, x: Tensor) -> Tensor:
        return x * (torch.rand_like(x) >= P) if self.training else x


def measure() -> Result:
    data = digits()
    rows: dict[str, list[float]] = {}
    for name, layer in {"right": nn.Dropout(P), "wrong": UnscaledDropout()}.items():
        bias, losses, accuracies = [], [], []
        for seed in SEEDS:
            net = mlp(SIZES, seed=seed)
            net.insert(2, layer)
            bias.append(_ratio(net, data.val_x, seed))
            deep = mlp(DEEP, seed=seed)
            for place in (6, 4, 2):
                deep.insert(place, layer)
            track = train(deep, data, lr=1e-3, epochs=15, seed=seed, optimizer="adam")
            losses.append(track.val_losses[-1])
            accuracies.append(track.accuracies[-1])
        rows[name] = [mean(bias), mean(losses), mean(accuracies)]
    return Result(
        seeds=SEEDS,
        columns=("test output / mean training output", "validation loss", "validation accuracy"),
        rows=rows,
        checks=(
            Check(
                text="right: the test output is the mean training output",
                held=abs(rows["right"][0] - 1) < 0.05,
                measured=f"ratio {rows['right'][0]:.3f}",
            ),
            Check(
                text="wrong: it is 1/(1 − p) = 2 times as large",
                held=abs(rows["wrong"][0] - 2) < 0.1,
                measured=f"ratio {rows['wrong'][0]:.3f}",
            ),
            Check(
                text="three such layers in a row cost validation loss",
                held=rows["wrong"][1] > rows["right"][1],
                measured=f"{rows['wrong'][1]:.4f} against {rows['right'][1]:.4f}",
            ),
        ),
        charts=(_convergence(data.val_x),),
        said={"dropout left on at test time": _left_on()},
    )


@torch.no_grad()
def _ratio(net: nn.Sequential, x: Tensor, seed: int) -> float:
    """Slope of the test output on the mean training output, the output bias taken away."""
    torch.manual_seed(seed)
    bias = net[-1].get_parameter("bias")
    net.train()
    average = torch.stack([net(x) for _ in range(DRAWS)]).mean(0) - bias
    net.eval()
    return float(((net(x) - bias) * average).sum() / average.square().sum())


@torch.no_grad()
def _convergence(x: Tensor) -> Chart:
    """How the mean over more and more dropout masks comes to the output with all units on."""
    torch.manual_seed(0)
    net = mlp(SIZES, seed=0)
    net.insert(2, nn.Dropout(P))
    target = net.eval()(x)
    net.train()
    total, lines = torch.zeros_like(target), []
    counts = (1, 3, 10, 30, 100, 300)
    for draw in range(1, counts[-1] + 1):
        total += net(x)
        if draw in counts:
            lines.append(float((total / draw - target).norm() / target.norm()))
    return Chart(
        title="Distance of the mean over dropout masks from the output with all units on",
        x="masks",
        y="relative distance",
        lines={"scaled by 1/(1 − p)": (counts, lines)},
        log_x=True,
        log_y=True,
    )


def _left_on() -> tuple[str, ...]:
    """What netsitter says of a program that forgets ``eval()`` before it validates."""
    import netsitter

    data, net = digits(), mlp(SIZES, seed=0)
    net.insert(2, nn.Dropout(P))
    with netsitter.watch(net, quiet=True) as sitter:
        optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
        for _ in range(12):
            for rows in torch.randperm(len(data.x), generator=torch.Generator().manual_seed(0)).split(64):
                optimizer.zero_grad()
                F.cross_entropy(net(data.x[rows]), data.y[rows]).backward()
                optimizer.step()
            with torch.no_grad():
                F.cross_entropy(net(data.val_x), data.val_y)
    return tuple(finding.name for finding in sitter.findings)
