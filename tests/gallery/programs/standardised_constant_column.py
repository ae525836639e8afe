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

from sklearn.datasets import make_classification

X, y = make_classification(500, 8, n_informative=5, class_sep=1.5, random_state=2)
X[:, 3] = 7.0
X = (X - X.mean(0)) / X.std(0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
net = nn.Sequential(nn.Linear(X.shape[1], 24), nn.ReLU(), nn.Linear(24, 2))
opt = optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for i in torch.randperm(400).split(25):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
acc = (net(X[400:]).argmax(1) == y[400:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
