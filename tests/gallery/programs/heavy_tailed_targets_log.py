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

x = torch.randn(1200, 6)
income = torch.exp(9 + 1.2 * x[:, 0] + 0.6 * torch.relu(x[:, 1]) + 0.3 * torch.randn(1200))
t = income.log()
t = (t - t[:900].mean()) / t[:900].std()
net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1), nn.Flatten(0))
opt = optim.RMSprop(net.parameters(), lr=2e-3)
for epoch in range(20):
    for i in torch.randperm(900).split(36):
        loss = torch.log1p((net(x[i]) - t[i]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    r2 = 1 - ((net(x[900:]) - t[900:]) ** 2).mean().item() / t[900:].var().item()
print(f"RESULT r2={r2:.4f}")
