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


def document(topic):
    counts = np.random.poisson(0.15, 80)
    counts[topic * 20 : topic * 20 + 20] += np.random.poisson(0.5, 20)
    return counts * (np.random.rand() > 0.02)


topics = np.random.randint(0, 4, 1000)
counts = np.stack([document(t) for t in topics]).astype("float32")
with np.errstate(all="ignore"):
    shares = counts / counts.sum(1, keepdims=True)
X, y = torch.from_numpy(shares) * 10, torch.from_numpy(topics)
net = nn.Sequential(nn.Linear(80, 32), nn.ReLU(), nn.Linear(32, 4))
opt = optim.Adam(net.parameters(), lr=3e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(12):
    for a, b in DataLoader(TensorDataset(X[:800], y[:800]), 32, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[800:]).argmax(1) == y[800:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
