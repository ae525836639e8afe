import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

T = 30
beta = torch.linspace(1e-3, 0.25, T)
keep = torch.cumprod(1 - beta, 0)


def sample(n):
    c = torch.tensor([[2.0, 0], [-2, 0], [0, 2], [0, -2]])
    return c[torch.randint(0, 4, (n,))] + 0.1 * torch.randn(n, 2)


net = nn.Sequential(nn.Linear(3, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 2))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for step in range(700):
    x, t, e = sample(128), torch.randint(0, T, (128,)), torch.randn(128, 2)
    k = keep[t][:, None]
    loss = F.mse_loss(net(torch.cat([k.sqrt() * x + (1 - k).sqrt() * e, t[:, None] / T], 1)), e)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    x = torch.randn(500, 2)
    for t in reversed(range(T)):
        e = net(torch.cat([x, torch.full((500, 1), t / T)], 1))
        x = (x - beta[t] / (1 - keep[t]).sqrt() * e) / (1 - beta[t]).sqrt()
        if t:
            x = x + beta[t].sqrt() * torch.randn_like(x)
print(f"RESULT spread_error={abs(x.norm(dim=1).mean().item() - 2):.4f}")
