import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

x = torch.rand(800, 3) * 2 - 1
y = torch.sin(4 * x[:, :1]) * x[:, 1:2] + 0.5 * x[:, 2:]
net = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(25):
    for i in torch.randperm(640).split(32):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i]), y[i]) * 10
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.1)
        opt.step()
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(x[640:]), y[640:]).item() / y[640:].var().item()
print(f"RESULT r2={r2:.4f}")
