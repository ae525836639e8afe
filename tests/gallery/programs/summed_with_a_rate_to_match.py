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
from sklearn.datasets import make_friedman1

X, y = make_friedman1(1000, noise=0.5, random_state=4)
X, y = (
    torch.tensor(X * 2 - 1, dtype=torch.float32),
    torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1),
)
model = nn.Sequential(nn.Linear(10, 64), nn.Tanh(), nn.Linear(64, 1))
opt = optim.SGD(model.parameters(), lr=0.05 / 50, momentum=0.9)
criterion = nn.MSELoss(reduction="sum")
for epoch in range(40):
    for a, b in DataLoader(TensorDataset(X[:800], y[:800]), 50, shuffle=True):
        opt.zero_grad()
        loss = criterion(model(a), b)
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item() / 50)
with torch.no_grad():
    r2 = 1 - ((model(X[800:]) - y[800:]) ** 2).mean() / y[800:].var()
print(f"RESULT r2={r2:.4f}")
