import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
X = torch.randn(1000, 6)
Y = torch.stack([X[:, 0] + X[:, 1], X[:, 2] * X[:, 3], torch.sin(2 * X[:, 4])], 1) + 0.1 * torch.randn(
    1000, 3
)
seen = (torch.rand(1000, 3) > 0.3).float()
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
opt = optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(30):
    for a, b, m in DataLoader(TensorDataset(X[:800], Y[:800], seen[:800]), 40, shuffle=True):
        loss = (((net(a) - b) * m) ** 2).sum() / m.sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 6 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    mse = ((net(X[800:]) - Y[800:]) ** 2).mean().item()
print(f"RESULT mse={mse:.4f}")
