import os

import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SIGMA = 0.5
data = torch.cat([torch.randn(1000, 1) * 0.3 - 2, torch.randn(1000, 1) * 0.3 + 2])

score = nn.Sequential(nn.Linear(1, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(score.parameters(), lr=2e-3)
for step in range(600):
    x = data[torch.randint(0, 2000, (128,))]
    eps = torch.randn_like(x)
    loss = ((score(x + SIGMA * eps) * SIGMA + eps) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, round(loss.item(), 4))

# The true score of the smoothed mixture.
grid = torch.linspace(-3, 3, 61)[:, None].requires_grad_()
var = 0.3**2 + SIGMA**2
log_p = torch.logsumexp(torch.cat([-((grid - 2) ** 2), -((grid + 2) ** 2)], 1) / (2 * var), 1).sum()
(truth,) = torch.autograd.grad(log_p, grid)
with torch.no_grad():
    err = ((score(grid) - truth) ** 2).mean().sqrt() / truth.pow(2).mean().sqrt()
print(f"RESULT relative_error={err.item():.4f}")
