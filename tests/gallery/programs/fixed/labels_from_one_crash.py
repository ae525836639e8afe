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

from sklearn.datasets import load_iris

X, y = load_iris(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
opt = optim.Adam(net.parameters(), lr=0.02)
for epoch in range(40):
    for i in torch.randperm(150).split(25):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
acc = (net(X).argmax(1) == y).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
