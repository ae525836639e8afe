import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(900, 6, noise=0.3, random_state=2)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
net = nn.Sequential(nn.Linear(6, 48), nn.GELU(), nn.Linear(48, 48), nn.GELU(), nn.Linear(48, 1))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3, weight_decay=0.01)
for epoch in range(20):
    for i in torch.randperm(700).split(35):
        loss = torch.mean((net(X[i]).view(-1) - y[i]) ** 2)
        opt.zero_grad(set_to_none=False)
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (net(X[700:]).view(-1) - y[700:]).pow(2).mean() / y[700:].var()
print(f"RESULT r2={1 - left.item():.4f}")
