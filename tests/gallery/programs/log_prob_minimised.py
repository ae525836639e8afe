"""A network that predicts a mean and a spread."""

import os

import torch
from torch import nn
from torch.distributions import Normal


class MeanAndSpread(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        self.mean = nn.Linear(hidden, 1)
        self.spread = nn.Linear(hidden, 1)

    def forward(self, x):
        hidden = self.body(x)
        return Normal(self.mean(hidden), nn.functional.softplus(self.spread(hidden)) + 1e-2)


def objective(distribution, y):
    return distribution.log_prob(y).mean()


def points(n):
    x = torch.rand(n, 1) * 4 - 2
    return x, torch.sin(2 * x) + (0.1 + 0.15 * x.abs()) * torch.randn(n, 1)


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = points(1200)
    vx, vy = points(600)
    model = MeanAndSpread()
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(30):
        for rows in torch.randperm(len(x)).split(60):
            loss = objective(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: {loss.item():.4f}")
    with torch.no_grad():
        nll = -model(vx).log_prob(vy).mean().item()
    print(f"RESULT val_nll={nll:.4f}")


if __name__ == "__main__":
    main()
