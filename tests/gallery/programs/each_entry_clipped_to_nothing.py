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
from sklearn.datasets import make_friedman2

X, y = make_friedman2(900, noise=10.0, random_state=2)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1)
net = nn.Sequential(nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 1))
opt = optim.SGD(net.parameters(), lr=0.05)
for epoch in range(20):
    for a, b in DataLoader(TensorDataset(X[:700], y[:700]), 25, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(a), b)
        loss.backward()
        nn.utils.clip_grad_value_(net.parameters(), 1e-4)
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (nn.functional.mse_loss(net(X[700:]), y[700:]) / y[700:].var()).item()
print(f"RESULT r2={r2:.4f}")
