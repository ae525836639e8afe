import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(1000, 6, noise=0.4, random_state=12)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 1))
criterion = nn.MSELoss(reduction="sum")
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(20):
    for i in torch.randperm(800).split(64):
        opt.zero_grad()
        loss = criterion(net(X[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (net(X[800:]) - y[800:]).pow(2).mean() / y[800:].var()
print(f"RESULT r2={1 - left.item():.4f}")
