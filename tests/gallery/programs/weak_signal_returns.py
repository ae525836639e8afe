import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

r = np.random.RandomState(3)
x = r.randn(6000, 8).astype("float32")
y = (0.25 * x[:, 0] - 0.2 * np.tanh(x[:, 1] * x[:, 2]) + r.randn(6000)).astype("float32")
x, y = torch.tensor(x), torch.tensor(y)[:, None]
net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=0.01)
for epoch in range(10):
    net.train()
    for xb, yb in DataLoader(TensorDataset(x[:5000], y[:5000]), 100, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = nn.functional.mse_loss(net(x[5000:]), y[5000:]).item()
    print(epoch, loss.item(), val)
print(f"RESULT r2={1 - val / y[5000:].var().item():.4f}")
