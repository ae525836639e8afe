import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

x = torch.randn(800, 6)
y = 1e-4 * (torch.sin(x[:, :1]) + 0.5 * x[:, 1:2] * x[:, 2:3] + 0.1 * torch.randn(800, 1))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, x):
        return self.f(x) * 1e-4


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(30):
    for i in torch.randperm(640).split(32):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i]), y[i]) * 1e8
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - ((net(x[640:]) - y[640:]) ** 2).mean().item() / y[640:].var().item()
print(f"RESULT r2={r2:.4f}")
