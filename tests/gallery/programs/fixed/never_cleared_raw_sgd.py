import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(800, 6, noise=0.3, random_state=8)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.8)
for epoch in range(20):
    for i in torch.randperm(640).split(32):
        for p in net.parameters():
            p.grad = None
        loss = nn.functional.huber_loss(net(X[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (net(X[640:]) - y[640:]).pow(2).mean() / y[640:].var()
print(f"RESULT r2={1 - left.item():.4f}")
