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
real = lambda n: torch.stack([torch.randn(n) * 0.3 + 2, torch.randn(n) * 0.5 - 1], 1)
G = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
g_opt = optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.9))
d_opt = optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.9))
bce = nn.BCEWithLogitsLoss()
one, zero = torch.ones(64, 1), torch.zeros(64, 1)
for it in range(800):
    d_opt.zero_grad()
    d_loss = bce(D(real(64)), one) + bce(D(G(torch.randn(64, 4)).detach()), zero)
    d_loss.backward()
    d_opt.step()
    g_opt.zero_grad()
    g_loss = bce(D(G(torch.randn(64, 4))), one)
    g_loss.backward()
    g_opt.step()
    if it % 200 == 0:
        print(it, d_loss.item(), g_loss.item())
with torch.no_grad():
    fake = G(torch.randn(500, 4))
print(f"RESULT spread={1 / (1 + (fake.mean(0) - torch.tensor([2.0, -1.0])).norm().item()):.4f}")
