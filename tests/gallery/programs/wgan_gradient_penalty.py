import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
G = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 2))
D = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
g_opt = torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.0, 0.9))
d_opt = torch.optim.Adam(D.parameters(), lr=2e-3, betas=(0.0, 0.9))
centre = torch.tensor([1.0, 2.0])
means = []
for it in range(500):
    for _ in range(3):
        real, fake = centre + 0.3 * torch.randn(48, 2), G(torch.randn(48, 3)).detach()
        mix = torch.rand(48, 1)
        between = (mix * real + (1 - mix) * fake).requires_grad_()
        (slope,) = torch.autograd.grad(D(between).sum(), between, create_graph=True)
        penalty = (slope.norm(dim=1) - 1).square().mean()
        d_loss = D(fake).mean() - D(real).mean() + 10 * penalty
        d_opt.zero_grad()
        d_loss.backward()
        d_opt.step()
    g_loss = -D(G(torch.randn(48, 3))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    if it >= 350:
        means.append(G(torch.randn(128, 3)).mean(0).detach())
    if it % 100 == 0:
        print(it, d_loss.item(), g_loss.item())
print(f"RESULT mean_error={(torch.stack(means).mean(0) - centre).norm().item():.4f}")
