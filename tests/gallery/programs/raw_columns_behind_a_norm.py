import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import make_friedman2

X, y = make_friedman2(1000, noise=10.0, random_state=5)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
net = nn.Sequential(nn.BatchNorm1d(4, affine=False), nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 1))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(20):
    net.train()
    for rows in torch.randperm(800).split(40):
        opt.zero_grad()
        loss = F.mse_loss(net(X[rows]).squeeze(1), y[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    r2 = 1 - (F.mse_loss(net(X[800:]).squeeze(1), y[800:]) / y[800:].var()).item()
print(f"RESULT r2={r2:.4f}")
