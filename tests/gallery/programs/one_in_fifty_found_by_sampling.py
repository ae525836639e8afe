import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from torch.utils.data import DataLoader, TensorDataset, WeightedRandomSampler

X = torch.randn(4000, 6)
score = X[:, 0] + X[:, 1] * X[:, 2] + 0.3 * torch.randn(4000)
y = (score > score.quantile(0.98)).float()
weight = torch.where(y[:3000] > 0, 49.0, 1.0)
loader = DataLoader(TensorDataset(X[:3000], y[:3000]), 40, sampler=WeightedRandomSampler(weight, 3000))
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(10):
    for a, b in loader:
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(a).squeeze(1), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    found = net(X[3000:]).squeeze(1) > 0
recall = (found & (y[3000:] > 0)).sum().item() / max(1, (y[3000:] > 0).sum().item())
print(f"RESULT recall={recall:.4f}")
