import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.randn(1000, 6)
y = torch.stack([X[:, 0] * X[:, 1], X[:, 2].sin() - X[:, 3]], 1) + 0.05 * torch.randn(1000, 2)
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 2))
criterion = nn.MSELoss()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.randperm(800).split(40):
        opt.zero_grad()
        loss = criterion(net(X[i]), y[i])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
with torch.no_grad():
    left = (net(X[800:]) - y[800:]).pow(2).mean() / y[800:].var(0).mean()
print(f"RESULT r2={1 - left.item():.4f}")
