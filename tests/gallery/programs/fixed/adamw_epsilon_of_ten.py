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
from sklearn.datasets import make_friedman1

X, y = make_friedman1(1200, noise=0.3, random_state=1)
X, y = (
    torch.tensor(X * 2 - 1, dtype=torch.float32),
    torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1),
)
net = nn.Sequential(nn.Linear(10, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = optim.AdamW(net.parameters(), lr=3e-3, eps=1e-8)
for epoch in range(15):
    for a, b in DataLoader(TensorDataset(X[:900], y[:900]), 30, shuffle=True):
        loss = nn.functional.mse_loss(net(a), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (nn.functional.mse_loss(net(X[900:]), y[900:]) / y[900:].var()).item()
print(f"RESULT r2={r2:.4f}")
