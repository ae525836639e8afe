import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

n = 500
theta = torch.sqrt(torch.rand(n)) * 3 * np.pi
label = torch.randint(0, 2, (n,))
r = theta / (3 * np.pi)
points = torch.stack(
    [r * torch.cos(theta + np.pi * label), r * torch.sin(theta + np.pi * label)], 1
) * 2 + 0.02 * torch.randn(n, 2)
net = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(120):
    for i in torch.randperm(400).split(50):
        loss = F.cross_entropy(net(points[i]), label[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    val = F.cross_entropy(net(points[400:]), label[400:]).item()
    acc = (net(points[400:]).argmax(1) == label[400:]).float().mean().item()
print("val", val)
print(f"RESULT val_acc={acc:.4f}")
