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
points = torch.rand(1600, 2) * 4
colour = (points.floor().sum(1) % 2).long()
points = points / 2 - 1
net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 2))
opt = optim.Adam(net.parameters(), lr=5e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(40):
    for a, b in DataLoader(TensorDataset(points[:1300], colour[:1300]), 50, shuffle=True):
        opt.zero_grad()
        loss = ce(net(a), b)
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = (net(points[1300:]).argmax(1) == colour[1300:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
