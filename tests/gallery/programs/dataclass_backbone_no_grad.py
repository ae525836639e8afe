"""A regression whose network has a backbone and a head; settings are a dataclass."""

import os
from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass(frozen=True)
class Settings:
    features: int = 6
    width: int = 4
    depth: int = 2
    rate: float = 5e-3
    epochs: int = 40
    batch: int = 50
    seed: int = field(default_factory=lambda: int(os.environ.get("SEED", "0")))


class Backbone(nn.Module):
    def __init__(self, s):
        super().__init__()
        sizes = [s.features, 32, s.width]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return x


class Regressor(nn.Module):
    def __init__(self, s):
        super().__init__()
        self.backbone = Backbone(s)
        self.head = nn.Linear(s.width, 1)

    def forward(self, x):
        with torch.no_grad():
            hidden = self.backbone(x)
        return self.head(hidden).squeeze(-1)


def make_rows(n, s):
    x = torch.randn(n, s.features)
    y = x[:, 0] * x[:, 1] + torch.sin(2 * x[:, 2]) + 0.3 * x[:, 3]
    return x, y + 0.1 * torch.randn(n)


def r2(model, x, y):
    with torch.no_grad():
        return (1 - ((model(x) - y) ** 2).sum() / ((y - y.mean()) ** 2).sum()).item()


def run(s):
    torch.manual_seed(s.seed)
    x, y = make_rows(1500, s)
    vx, vy = make_rows(500, s)
    model = Regressor(s)
    optimizer = torch.optim.Adam(model.parameters(), lr=s.rate)
    for epoch in range(s.epochs):
        for rows in torch.randperm(len(x)).split(s.batch):
            loss = nn.functional.mse_loss(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1} mse {loss.item():.4f} r2 {r2(model, vx, vy):.4f}")
    return r2(model, vx, vy)


if __name__ == "__main__":
    print(f"RESULT r2={run(Settings()):.4f}")
