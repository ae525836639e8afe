import os

import torch
from torch import nn

SEED = int(os.environ.get("SEED", 0))
LR = float(os.environ.get("LR", "5e-3"))
EPOCHS = int(os.environ.get("EPOCHS", "40"))


class Curve(nn.Module):
    def __init__(self, hidden=32):
        super().__init__()
        self.inner = nn.Sequential(nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh())
        self.outer = nn.Linear(hidden, 1)

    def forward(self, t):
        return self.outer(self.inner(t))


def main():
    torch.manual_seed(SEED)
    t = torch.rand(800, 1) * 6 - 3
    y = torch.cos(2 * t) + 0.5 * t + 0.05 * torch.randn_like(t)
    curve = Curve()
    adam = torch.optim.Adam(curve.parameters(), lr=LR)
    for epoch in range(EPOCHS):
        for rows in torch.randperm(600).split(30):
            adam.zero_grad()
            residual = curve(t[rows]) - y[rows]
            loss = residual.square().mean()
            loss.backward()
            adam.step()
        if epoch % 10 == 0:
            print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        r2 = 1 - (curve(t[600:]) - y[600:]).square().mean() / y[600:].var()
    print(f"RESULT r2={r2.item():.4f}")


if __name__ == "__main__":
    main()
