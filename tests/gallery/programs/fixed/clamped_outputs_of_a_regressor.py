import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.randn(900, 4)
y = 1.5 * x[:, 0] + torch.sin(2 * x[:, 1]) - x[:, 2]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 48), nn.Linear(48, 1)

    def forward(self, x):
        out = self.b(torch.relu(self.a(x))).squeeze(1)
        return out


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(20):
    for rows in torch.randperm(700).split(35):
        opt.zero_grad()
        loss = F.mse_loss(net(x[rows]), y[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    mae = (net(x[700:]) - y[700:]).abs().mean().item()
print(f"RESULT mae={mae:.4f}")
