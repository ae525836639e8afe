import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_iris

X, y = load_iris(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
p = torch.randperm(150)
train, test = p[:40], p[40:]
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
opt = torch.optim.Adam(net.parameters(), lr=0.02, weight_decay=1e-3)
for epoch in range(60):
    opt.zero_grad()
    loss = F.cross_entropy(net(X[train]), y[train])
    loss.backward()
    opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[test]).argmax(1) == y[test]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
