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

G = nn.Sequential(nn.Linear(4, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 2))
D = nn.Sequential(nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1))
og, od = (
    optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9)),
    optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.9)),
)


def real(n):
    a = torch.rand(n) * 6.283
    return torch.stack([a.cos(), a.sin()], 1) + 0.05 * torch.randn(n, 2)


for it in range(350):
    for _ in range(2):
        d = F.relu(1 - D(real(64))).mean() + F.relu(1 + D(G(torch.randn(64, 4)).detach())).mean()
        od.zero_grad()
        d.backward()
        od.step()
    g = -D(G(torch.randn(64, 4))).mean()
    og.zero_grad()
    g.backward()
    og.step()
    if it % 50 == 0:
        print(it, d.item(), g.item())
with torch.no_grad():
    error = (G(torch.randn(500, 4)).norm(dim=1) - 1).abs().mean().item()
print(f"RESULT radius_error={error:.4f}")
