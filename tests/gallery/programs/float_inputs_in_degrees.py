import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

r = np.random.RandomState(8)
X = r.randn(800, 6)
y = (X[:, 1] - X[:, 2] + 0.3 * X[:, 0] > 0).astype(int)
X[:, 0] = 50000 + 20000 * X[:, 0]
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
net = nn.Sequential(nn.Linear(6, 24), nn.Sigmoid(), nn.Linear(24, 2))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(30):
    for xb, yb in DataLoader(TensorDataset(X[:600], y[:600]), 40, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[600:]).argmax(1) == y[600:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
