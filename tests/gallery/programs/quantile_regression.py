import os

import numpy as np
import torch
from torch import nn

rng = np.random.default_rng(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))
QUANTILES = torch.tensor([0.1, 0.5, 0.9])


def sample(n):
    x = rng.uniform(-2, 2, n)
    y = np.sin(2 * x) + rng.normal(0, 0.15 + 0.15 * np.abs(x))
    return torch.tensor(x[:, None], dtype=torch.float32), torch.tensor(y[:, None], dtype=torch.float32)


def pinball(pred, y):
    err = y - pred
    return torch.maximum(QUANTILES * err, (QUANTILES - 1) * err).mean()


x, y = sample(2000)
xv, yv = sample(2000)
net = nn.Sequential(nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 3))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(30):
    for i in torch.randperm(2000).split(100):
        opt.zero_grad()
        loss = pinball(net(x[i]), y[i])
        loss.backward()
        opt.step()
    if epoch % 5 == 4:
        with torch.no_grad():
            print(epoch, "train", loss.item(), "val", pinball(net(xv), yv).item())
with torch.no_grad():
    share = (yv <= net(xv)).float().mean(0)
print(f"RESULT coverage_error={(share - QUANTILES).abs().max().item():.4f}")
