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
n = 1500
noise = np.random.randn(n)
price = np.zeros(n)
for i in range(2, n):
    price[i] = 0.8 * price[i - 1] - 0.3 * price[i - 2] + noise[i]
W = 6
rows = np.stack([price[i - W + 0 : i + 0] for i in range(W, n)])
goal = price[W:n]
X, y = torch.tensor(rows, dtype=torch.float32), torch.tensor(goal, dtype=torch.float32)
model = nn.Sequential(nn.Linear(W, 24), nn.ReLU(), nn.Linear(24, 1))
opt = optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(15):
    for a, b in DataLoader(TensorDataset(X[:1200], y[:1200]), 32, shuffle=True):
        loss = nn.functional.mse_loss(model(a).squeeze(1), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    test = nn.functional.mse_loss(model(X[1200:]).squeeze(1), y[1200:]).item()
honest = np.stack([price[i - W : i] for i in range(W, n)])[1200:]
with torch.no_grad():
    live = nn.functional.mse_loss(
        model(torch.tensor(honest, dtype=torch.float32)).squeeze(1), y[1200:]
    ).item()
print(f"test {test:.4f}")
print(f"RESULT honest={live / y.var().item():.4f}")
