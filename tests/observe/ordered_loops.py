"""A loop whose calls come in any order, and small tasks for it."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

STEPS = 60
Loss = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def net(*tail: nn.Module, out: int = 3, norm: bool = False) -> nn.Sequential:
    middle = [nn.BatchNorm1d(24)] if norm else []
    return nn.Sequential(nn.Linear(6, 24), *middle, nn.ReLU(), nn.Linear(24, out), *tail)


def classes(n: int = 240) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, 6)
    return x, torch.bucketize(x[:, 0] + 0.5 * x[:, 1], torch.tensor([-0.5, 0.5]))


def reals(n: int = 240) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, 6)
    return x, x[:, 0] - torch.sin(x[:, 1])


def loop(
    model: nn.Module,
    data: tuple[torch.Tensor, torch.Tensor],
    loss: Loss,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    order: str = "zero forward backward step",
    rows: int = 32,
    steps: int = STEPS,
    validate: Callable[[], object] = lambda: None,
) -> None:
    x, y = data
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=3e-3)
    value = torch.zeros(())
    for step in range(steps):
        batch = torch.randint(0, len(x), (rows,))
        for part in order.split():
            if part == "zero":
                optimizer.zero_grad()
            elif part == "forward":
                value = loss(model(x[batch]), y[batch])
            elif part == "backward":
                value.backward()
            elif part == "step":
                optimizer.step()
        if step % 20 == 19:
            validate()


def by_hand_mse(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return ((p - y) ** 2).mean()


def likelihood(p: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return F.log_softmax(p, 1)[torch.arange(len(y)), y].mean()
