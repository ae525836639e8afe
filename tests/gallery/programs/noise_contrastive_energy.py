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

energy = nn.Sequential(nn.Linear(2, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
opt = optim.Adam(energy.parameters(), lr=2e-3)


def data(n):
    a = torch.rand(n) * 6.283
    return torch.stack([2 * a.cos(), a.sin()], 1) + 0.1 * torch.randn(n, 2)


noise = torch.distributions.MultivariateNormal(torch.zeros(2), 2 * torch.eye(2))
for it in range(400):
    x, n = data(96), noise.sample((96,))
    s = torch.cat([-energy(x)[:, 0] - noise.log_prob(x), -energy(n)[:, 0] - noise.log_prob(n)])
    loss = F.binary_cross_entropy_with_logits(s, torch.cat([torch.ones(96), torch.zeros(96)]))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
with torch.no_grad():
    gap = (energy(noise.sample((500,))).mean() - energy(data(500)).mean()).item()
print(f"RESULT gap={gap:.4f}")
