import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(900, 6, noise=0.3, random_state=6)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.RMSprop(net.parameters(), lr=1e-3, eps=10.0)
for epoch in range(15):
    for i in torch.randperm(700).split(35):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (net(X[700:]) - y[700:]).pow(2).mean() / y[700:].var()
print(f"RESULT r2={1 - left.item():.4f}")
