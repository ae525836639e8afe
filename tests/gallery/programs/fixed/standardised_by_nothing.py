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
perm = np.random.permutation(len(y))
X, y = X[perm].astype("float32"), y[perm]
with np.errstate(all="ignore"):
    X = (X - X.mean(0)) / (X.std(0) + 1e-6)
X, y = torch.from_numpy(X), torch.from_numpy(y)
net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    for rows in torch.randperm(1300).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[rows]), y[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[1300:]).argmax(1) == y[1300:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
