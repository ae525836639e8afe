import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

x = torch.randn(900, 5)
y = (x[:, :1] - x[:, 1:2] * x[:, 2:3]) / 1.4
net = nn.Sequential(nn.Linear(5, 48), nn.ReLU(), nn.Linear(48, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    for xb, yb in DataLoader(TensorDataset(x[:700], y[:700]), 35, shuffle=True):
        loss = nn.functional.mse_loss(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    r2 = 1 - ((net(x[700:]) - y[700:]) ** 2).mean().item() / y[700:].var().item()
print(f"RESULT r2={r2:.4f}")
