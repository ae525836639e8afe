import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

x = torch.randn(1500, 6)
y = x[:, :1] + 0.5 * x[:, 1:2] * x[:, 2:3] + 1.3 * torch.randn(1500, 1)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.8)
for epoch in range(5):
    for i in torch.randperm(1200).split(8):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i]), y[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(x[1200:]), y[1200:]).item() / y[1200:].var().item()
print(f"RESULT r2={r2:.4f}")
