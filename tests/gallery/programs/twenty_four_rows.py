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
pick = np.random.RandomState(7).permutation(150)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)[pick]
y = torch.tensor(y)[pick]
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
opt = torch.optim.AdamW(net.parameters(), lr=0.01, weight_decay=0.05)
for it in range(150):
    opt.zero_grad()
    F.cross_entropy(net(X[:24]), y[:24]).backward()
    opt.step()
    if it % 25 == 0:
        with torch.no_grad():
            print(it, F.cross_entropy(net(X[24:]), y[24:]).item())
with torch.no_grad():
    acc = (net(X[24:]).argmax(1) == y[24:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
