import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.rand(900, 4) * 2 - 1
y = torch.sin(3 * x[:, :1]) + x[:, 1:2] * x[:, 2:3]
depth = 20


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, width)

    def forward(self, h):
        return F.softsign(self.fc(h))


net = nn.Sequential(nn.Linear(4, 24), *[Block(24) for _ in range(depth)], nn.Linear(24, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(20):
    for rows in torch.randperm(700).split(35):
        loss = F.mse_loss(net(x[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"{epoch} {loss.item():.4f}")
with torch.no_grad():
    r2 = 1 - (F.mse_loss(net(x[700:]), y[700:]) / y[700:].var()).item()
print(f"RESULT r2={r2:.4f}")
