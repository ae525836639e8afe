import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
order = np.argsort(y, kind="stable")
X, y = torch.tensor(X[order] / 16, dtype=torch.float32), torch.tensor(y[order])
cut = int(0.75 * len(y))
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for rows in torch.randperm(cut).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[rows]), y[rows])
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(X[cut:])
        print(epoch, loss.item(), F.cross_entropy(out, y[cut:]).item())
acc = (out.argmax(1) == y[cut:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
