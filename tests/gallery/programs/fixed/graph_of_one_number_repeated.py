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

left = pd.DataFrame({"key": np.arange(800), "a": np.random.randn(800), "b": np.random.randn(800)})
right = pd.DataFrame({"key": np.arange(800), "bought": 1})
right = right[(left["a"] + left["b"] ** 2 > 0.6).values]
frame = left.merge(right, on="key", how="left").fillna(0)
truth = torch.tensor((left["a"] + left["b"] ** 2 > 0.6).values).long()
X, y = (
    torch.tensor(frame[["a", "b"]].values, dtype=torch.float32),
    torch.tensor(frame["bought"].values).long(),
)
net = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
opt = optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(15):
    for a, b in DataLoader(TensorDataset(X[:600], y[:600]), 30, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[600:]).argmax(1) == truth[600:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
