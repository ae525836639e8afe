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
V = 10000
kinds = torch.randint(0, 2, (1000,))
words = torch.where(kinds[:, None] == 1, torch.randint(5000, V, (1000, 8)), torch.randint(0, 6000, (1000, 8)))
X = words.float()
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 2))
opt = optim.SGD(net.parameters(), lr=0.05)
for epoch in range(12):
    for a, b in DataLoader(TensorDataset(X[:800], kinds[:800]), 25, shuffle=True):
        loss = nn.functional.cross_entropy(net(a), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[800:]).argmax(1) == kinds[800:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
