import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

rng = np.random.RandomState(6)
kinds = rng.choice(5, 2000, p=[0.96, 0.01, 0.01, 0.01, 0.01])
centres = rng.randn(5, 12) * 0.75
X = torch.tensor(centres[kinds] + rng.randn(2000, 12), dtype=torch.float32)
y = torch.tensor(kinds)
net = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 5))
weight = 1 / torch.bincount(y[:1500], minlength=5).float().clamp(min=1)
weight = weight / weight.mean()
criterion = nn.CrossEntropyLoss(weight=weight)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    net.train()
    for xb, yb in DataLoader(TensorDataset(X[:1500], y[:1500]), batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        guess = net(X[1500:]).argmax(1)
        recall = np.mean([(guess[y[1500:] == k] == k).float().mean().item() for k in range(1, 5)])
    print(epoch, loss.item(), (guess == y[1500:]).float().mean().item(), recall)
print(f"RESULT recall={recall:.4f}")
