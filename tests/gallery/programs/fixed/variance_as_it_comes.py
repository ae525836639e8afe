"""Wind power with its uncertainty: the network says a mean and a variance."""

import os

import torch
import torch.nn as nn


class Gaussian(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
        self.mean = nn.Linear(48, 1)
        self.var = nn.Linear(48, 1)

    def forward(self, x):
        h = self.body(x)
        return self.mean(h), nn.functional.softplus(self.var(h)) + 1e-3


def nll(mean, var, y):
    return (0.5 * torch.log(var) + (y - mean) ** 2 / (2 * var)).mean()


torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(1200, 2) * 4 - 2
y = torch.sin(2 * x[:, :1]) + x[:, 1:] ** 2 / 2 + torch.randn(1200, 1) * (0.1 + 0.2 * x[:, :1].abs())
model = Gaussian()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for step in range(600):
    rows = torch.randint(0, 1000, (64,))
    mean, var = model(x[rows])
    loss = nll(mean, var, y[rows])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    mean, var = model(x[1000:])
    print(f"RESULT nll={nll(mean, var, y[1000:]).item():.4f}")
