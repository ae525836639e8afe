import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)


def data(n):
    t = torch.rand(n) * 6.28
    return torch.stack([t.cos(), t.sin()], 1) * 1.5 + 0.1 * torch.randn(n, 2)


energy = nn.Sequential(nn.Linear(2, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
opt = optim.Adam(energy.parameters(), lr=1e-3)
for it in range(300):
    walk = (torch.rand(64, 2) * 5 - 2.5).requires_grad_()
    for _ in range(8):
        grad = torch.autograd.grad(energy(walk).sum(), walk)[0]
        walk = (walk - 0.1 * grad + 0.05 * torch.randn_like(walk)).detach().requires_grad_()
    up, down = energy(walk.detach()), energy(data(64))
    loss = down.mean() - up.mean() + 0.1 * (up**2 + down**2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 60 == 0:
        print(it, loss.item())
with torch.no_grad():
    gap = (energy(torch.rand(500, 2) * 5 - 2.5).mean() - energy(data(500)).mean()).item()
print(f"RESULT gap={gap:.4f}")
