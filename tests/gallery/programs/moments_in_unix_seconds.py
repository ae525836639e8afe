import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
n = 1200
when = 1.6e9 + np.random.rand(n) * 3e7
amount, score = np.random.randn(2, n)
fraud = (amount * 1.5 + score > 0).astype("int64")
table = np.stack([when, amount, score], 1)
X, y = torch.tensor(table, dtype=torch.float32), torch.tensor(fraud)
net = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(12):
    for rows in torch.randperm(900).split(30):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[rows]), y[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[900:]).argmax(1) == y[900:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
