"""Branches that look at groups of columns, joined by a small head."""

import os

import torch
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

GROUPS = ((0, 1), (2, 3), (4, 5))


def branch(inputs, width):
    return nn.Sequential(nn.Linear(inputs, 32), nn.Tanh(), nn.Linear(32, width), nn.Tanh())


class Branched(nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.branches = nn.ModuleList(branch(len(group), width) for group in GROUPS)
        self.join = nn.Linear(width * len(GROUPS), 1)

    def forward(self, x):
        parts = [net(x[:, list(group)]) for net, group in zip(self.branches, GROUPS)]
        return self.join(torch.cat(parts, dim=1))


def sample(n):
    x = torch.rand(n, 6) * 4 - 2
    y = x[:, 0] * x[:, 1] - torch.cos(3 * x[:, 2]) * x[:, 3] + x[:, 4].abs()
    return x, y[:, None]


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    train, (vx, vy) = TensorDataset(*sample(2000)), sample(500)
    net = Branched()
    opt = optim.Adam(net.parameters(), lr=4e-3)
    loss_fn = nn.SmoothL1Loss()
    for epoch in range(30):
        running = 0.0
        for bx, by in DataLoader(train, batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = loss_fn(net(bx), by)
            loss.backward()
            opt.step()
            running += loss.item()
        with torch.no_grad():
            r2 = 1 - ((net(vx) - vy) ** 2).mean() / vy.var()
        if epoch % 6 == 5:
            print(f"[{epoch + 1}] loss: {running / 32:.4f}  r2: {r2:.4f}")
    print(f"RESULT r2={r2:.4f}")


main()
