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
n = 1000
people, area, heat = np.random.randn(3, n)
litres = 42000 + 9000 * people + 4000 * np.tanh(area) * heat + 1500 * np.random.randn(n)
wanted = litres
X = torch.tensor(np.stack([people, area, heat], 1), dtype=torch.float32)
y = torch.tensor(wanted, dtype=torch.float32).unsqueeze(1)
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 1))
opt = optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(30):
    for a, b in DataLoader(TensorDataset(X[:800], y[:800]), 40, shuffle=True):
        loss = nn.functional.mse_loss(net(a), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 6 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (nn.functional.mse_loss(net(X[800:]), y[800:]) / y[800:].var()).item()
print(f"RESULT r2={r2:.4f}")
