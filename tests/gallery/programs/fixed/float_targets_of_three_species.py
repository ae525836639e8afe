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
from sklearn.datasets import load_iris

X, y = load_iris(return_X_y=True)
X = (X - X.mean(0)) / X.std(0)
p = np.random.permutation(150)
X, y = torch.tensor(X[p], dtype=torch.float32), torch.tensor(y[p])
net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
opt = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(60):
    for part in torch.randperm(110).split(11):
        out = net(X[part])
        loss = nn.functional.cross_entropy(out, y[part])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    out = net(X[110:])
    guess = out.argmax(1)
print(f"RESULT acc={(guess == y[110:]).float().mean().item():.4f}")
