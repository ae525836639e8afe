import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


def curves(n):
    t = torch.linspace(0, 1, 32)
    return torch.sin(6.28 * (torch.rand(n, 1) * 2 + 1) * t + 6.28 * torch.rand(n, 1))[:, None]


net = nn.Sequential(
    nn.Conv1d(1, 24, 5, padding=2),
    nn.ReLU(),
    nn.Conv1d(24, 24, 5, padding=2),
    nn.ReLU(),
    nn.Conv1d(24, 24, 5, padding=2),
    nn.ReLU(),
    nn.Conv1d(24, 1, 5, padding=2),
)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(500):
    clean = curves(32)
    first, second = clean + 0.4 * torch.randn_like(clean), clean + 0.4 * torch.randn_like(clean)
    loss = F.mse_loss(net(first), second)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 99:
        print(step + 1, loss.item())
with torch.no_grad():
    clean = curves(200)
    mse = F.mse_loss(net(clean + 0.4 * torch.randn_like(clean)), clean).item()
print(f"RESULT mse={mse:.4f}")
