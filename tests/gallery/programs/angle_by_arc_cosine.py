import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
direction = F.normalize(torch.randn(800, 3), dim=1)
mix = torch.randn(3, 5)
readings = torch.tanh(direction @ mix)
net = nn.Sequential(nn.Linear(5, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 3))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)


def angle(a, b):
    cosine = (F.normalize(a, dim=1) * F.normalize(b, dim=1)).sum(1)
    return torch.acos(cosine)


for epoch in range(60):
    for rows in torch.randperm(600).split(30):
        loss = angle(net(readings[rows]), direction[rows]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    cosine = (F.normalize(net(readings[600:]), dim=1) * direction[600:]).sum(1).clamp(-1, 1)
print(f"RESULT deg={torch.rad2deg(torch.acos(cosine)).mean().item():.4f}")
