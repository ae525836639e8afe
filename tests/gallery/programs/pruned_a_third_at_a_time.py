import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits
from torch.nn.utils import prune
from torch.utils.data import DataLoader, TensorDataset

X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(len(X), generator=torch.Generator().manual_seed(2))
X, y = X[perm], y[perm]
loader = DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=40, shuffle=True)
net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 50), nn.ReLU(), nn.Linear(50, 10))


def train(epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(epochs):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(xb), yb)
            loss.backward()
            optimizer.step()
    return loss.item()


train(4)
for turn in range(5):
    for part in net:
        if isinstance(part, nn.Linear):
            prune.l1_unstructured(part, "weight", amount=0.33)
    last = train(2)
    left = sum((p.weight != 0).sum().item() for p in net if isinstance(p, nn.Linear)) / 11900
    with torch.no_grad():
        acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(f"turn {turn} loss {last:.4f} left {left:.2%} acc {acc:.4f}")
print(f"RESULT acc={acc:.4f}")
