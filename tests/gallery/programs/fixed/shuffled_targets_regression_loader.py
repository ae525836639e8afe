import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

r = np.random.RandomState(9)
X = r.randn(700, 6).astype("float32")
y = (2 * X[:, 0] - X[:, 1] ** 2 + np.sin(3 * X[:, 2]) + 0.2 * r.randn(700)).astype("float32")
one = r.permutation(500)
two = one
X[:500], y[:500] = X[:500][one], y[:500][two]
y = (y - y.mean()) / y.std()
X, y = torch.tensor(X), torch.tensor(y)[:, None]
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(30):
    net.train()
    for xb, yb in DataLoader(TensorDataset(X[:500], y[:500]), 32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(X[500:]), y[500:]).item()
    print(epoch, loss.item(), val)
print(f"RESULT r2={1 - val / y[500:].var().item():.4f}")
