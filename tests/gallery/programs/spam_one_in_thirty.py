import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)

r = np.random.RandomState(4)
y = (r.rand(3000) < 0.03).astype("float32")
X = r.randn(3000, 14).astype("float32") + 0.35 * y[:, None]
X, y = torch.tensor(X), torch.tensor(y)
net = nn.Sequential(nn.Linear(14, 16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1), nn.Flatten(0))
criterion = nn.BCEWithLogitsLoss()
opt = optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    net.train()
    for i in torch.randperm(2200).split(64):
        opt.zero_grad()
        loss = criterion(net(X[i]), y[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[2200:])
        print(epoch, criterion(out, y[2200:]).item(), ((out > 0) == (y[2200:] > 0.5)).float().mean().item())
print(f"RESULT recall={(out[y[2200:] > 0.5] > 0).float().mean().item():.4f}")
