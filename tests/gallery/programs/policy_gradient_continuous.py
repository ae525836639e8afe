import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

mu = nn.Sequential(nn.Linear(3, 24), nn.Tanh(), nn.Linear(24, 1))
log_std = nn.Parameter(torch.zeros(1))
opt = torch.optim.Adam([*mu.parameters(), log_std], lr=8e-3)
for it in range(400):
    s = torch.randn(64, 3)
    d = torch.distributions.Normal(mu(s), log_std.exp())
    a = d.sample()
    r = -((a - (s[:, :1] - 0.5 * s[:, 1:2])) ** 2)
    adv = (r - r.mean()) / (r.std() + 1e-6)
    loss = -(d.log_prob(a) * adv).mean() - 1e-3 * d.entropy().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 80 == 0:
        print(it, r.mean().item())
with torch.no_grad():
    s = torch.randn(500, 3)
    reward = -((mu(s) - (s[:, :1] - 0.5 * s[:, 1:2])) ** 2).mean().item()
print(f"RESULT reward={reward:.4f}")
