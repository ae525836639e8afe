import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)

x = torch.rand(1500, 3) * 2 - 1
y = torch.sin(3 * x[:, :1]) + x[:, 1:2] ** 2 + 0.3 * (1 + x[:, 2:]) * torch.randn(1500, 1)
q = torch.tensor([0.1, 0.5, 0.9])
net = nn.Sequential(nn.Linear(3, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 3))
opt = optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.randperm(1200).split(60):
        e = y[i] - net(x[i])
        loss = torch.maximum(q * e, (q - 1) * e).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    low, _, high = net(x[1200:]).unbind(1)
    inside = ((y[1200:, 0] > low) & (y[1200:, 0] < high)).float().mean().item()
print(f"RESULT coverage={inside:.4f}")
