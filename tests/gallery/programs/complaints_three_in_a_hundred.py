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
import pandas as pd

n = 3000
frame = pd.DataFrame(
    {
        "wait": np.random.exponential(1, n),
        "price": np.random.randn(n),
        "calls": np.random.poisson(1.5, n),
        "age": np.random.randn(n),
    }
)
risk = 0.8 * frame["wait"] + 0.7 * frame["calls"] - 0.5 * frame["price"] + 0.9 * np.random.randn(n)
frame["complains"] = (risk > risk.quantile(0.97)).astype("int64")
X = frame.drop(columns="complains")
X = torch.tensor(((X - X.mean()) / X.std()).values, dtype=torch.float32)
y = torch.tensor(frame["complains"].values)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
opt = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(3):
    for a, b in DataLoader(TensorDataset(X[:2200], y[:2200]), 50, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(a), b)
        loss.backward()
        opt.step()
    with torch.no_grad():
        guess = net(X[2200:]).argmax(1)
    print(epoch, loss.item(), (guess == y[2200:]).float().mean().item())
recall = ((guess == 1) & (y[2200:] == 1)).sum().item() / (y[2200:] == 1).sum().item()
print(f"RESULT recall={recall:.4f}")
