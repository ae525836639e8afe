import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

r = np.random.RandomState(5)
t = np.arange(1200)
volume = 40000 + 9000 * np.sin(t / 9) + 4000 * np.sin(t / 31) + 800 * r.randn(1200)
windows = np.lib.stride_tricks.sliding_window_view(volume.astype("float32"), 13).copy()
X, y = torch.tensor(windows[:, :12]), torch.tensor(windows[:, 12:])
net = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for epoch in range(20):
    for xb, yb in DataLoader(TensorDataset(X[:900], y[:900]), 32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - ((net(X[900:]) - y[900:]) ** 2).mean().item() / y[900:].var().item()
print(f"RESULT r2={r2:.4f}")
