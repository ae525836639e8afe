"""Small loops to be watched."""

import torch
import torch.nn.functional as F
from torch import nn

import netsitter
from netsitter.observe.watch import Sitter


def sit(model: nn.Module | None = None, **options) -> Sitter:
    return netsitter.watch(model, quiet=True, **options)


def mlp(out: int = 4, *tail: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, out), *tail)


def task(n: int = 256) -> tuple[torch.Tensor, torch.Tensor]:
    x = torch.randn(n, 8)
    return x, (x[:, 0] > 0).long() + 2 * (x[:, 1] > 0).long()


def train(model: nn.Module, steps: int = 40, lr: float = 1e-2, loss=F.cross_entropy) -> list[float]:
    x, y = task()
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(steps):
        rows = torch.randint(0, len(x), (32,))
        optimizer.zero_grad()
        value = loss(model(x[rows]), y[rows])
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses
