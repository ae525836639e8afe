import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

torch.manual_seed(int(os.environ.get("SEED", 0)))
G = nn.Sequential(nn.Linear(2, 24), nn.LeakyReLU(0.2), nn.Linear(24, 1))
D = nn.Sequential(
    spectral_norm(nn.Linear(1, 32)),
    nn.LeakyReLU(0.2),
    spectral_norm(nn.Linear(32, 32)),
    nn.LeakyReLU(0.2),
    spectral_norm(nn.Linear(32, 1)),
)
g_opt = torch.optim.Adam(G.parameters(), lr=2e-3, betas=(0.0, 0.9))
d_opt = torch.optim.Adam(D.parameters(), lr=4e-3, betas=(0.0, 0.9))
tail = []
for it in range(400):
    for _ in range(2):
        real, fake = torch.randn(64, 1) * 0.5 - 1.5, G(torch.randn(64, 2)).detach()
        d_loss = F.relu(1 - D(real)).mean() + F.relu(1 + D(fake)).mean()
        d_opt.zero_grad()
        d_loss.backward()
        d_opt.step()
    fake = G(torch.randn(64, 2))
    g_loss = -D(fake).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    if it >= 250:
        tail.append(fake.mean().item())
    if it % 100 == 0:
        print(it, d_loss.item(), g_loss.item())
print(f"RESULT mean_error={abs(sum(tail) / len(tail) + 1.5):.4f}")
