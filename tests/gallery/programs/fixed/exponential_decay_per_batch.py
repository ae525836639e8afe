import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(1000, 2) * 4 - 2
y = torch.sin(2 * x[:, :1]) + x[:, 1:] ** 2 / 4
net = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
decay = torch.optim.lr_scheduler.ExponentialLR(opt, 0.999)
for epoch in range(30):
    for i in torch.randperm(800).split(40):
        loss = ((net(x[i]) - y[i]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
        decay.step()
with torch.no_grad():
    left = ((net(x[800:]) - y[800:]) ** 2).mean() / y[800:].var()
print(f"RESULT r2={1 - left.item():.4f}")
