import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


class Sine(nn.Module):
    def __init__(self, i, o, first=False):
        super().__init__()
        self.lin = nn.Linear(i, o)
        bound = 1 / i if first else (6 / i) ** 0.5 / 30
        nn.init.uniform_(self.lin.weight, -bound, bound)

    def forward(self, x):
        return torch.sin(30 * self.lin(x))


x = torch.linspace(-1, 1, 256)[:, None]
y = 0.5 * torch.sin(20 * x) + 0.3 * torch.sign(torch.sin(7 * x))
net = nn.Sequential(Sine(1, 64, True), Sine(64, 64), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for it in range(400):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
print(f"RESULT psnr={-10 * np.log10(loss.item()):.4f}")
