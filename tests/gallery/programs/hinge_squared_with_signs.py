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
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True)
X = (X - X.mean(0)) / X.std(0)
p = np.random.RandomState(3).permutation(len(y))
X, y = torch.tensor(X[p], dtype=torch.float32), torch.tensor(2.0 * y[p] - 1, dtype=torch.float32)
net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
opt = optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for a, b in DataLoader(TensorDataset(X[:420], y[:420]), 20, shuffle=True):
        loss = torch.relu(1 - b * net(a).squeeze(1)).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[420:]).squeeze(1).sign() == y[420:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
