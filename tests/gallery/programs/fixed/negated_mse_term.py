import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().data / 16, dtype=torch.float32)
net = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 64))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)


def similarity(a, b):
    return -(a - b).pow(2).sum(1).mean() / 64


for epoch in range(10):
    for i in torch.randperm(1400).split(50):
        loss = -similarity(net(X[i]), X[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    val = (net(X[1400:]) - X[1400:]).pow(2).mean().item()
print(f"RESULT val_mse={val:.4f}")
