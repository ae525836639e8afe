import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
SIDE, CHANNELS = 12, 8
yy, xx = torch.meshgrid(torch.linspace(-1, 1, SIDE), torch.linspace(-1, 1, SIDE), indexing="ij")
target = ((yy.abs() + xx.abs()) < 0.8).float()


class Automaton(nn.Module):
    def __init__(self):
        super().__init__()
        self.see = nn.Conv2d(CHANNELS, 32, 3, padding=1)
        self.do = nn.Conv2d(32, CHANNELS, 1, bias=False)
        nn.init.zeros_(self.do.weight)

    def forward(self, cells):
        change = self.do(F.relu(self.see(cells)))
        return cells + change * (torch.rand(cells.size(0), 1, SIDE, SIDE) < 0.7)


seed = torch.zeros(1, CHANNELS, SIDE, SIDE)
seed[:, :, SIDE // 2, SIDE // 2] = 1.0
rule = Automaton()
opt = torch.optim.Adam(rule.parameters(), lr=2e-3)
for step in range(300):
    cells = seed.repeat(4, 1, 1, 1)
    for _ in range(16):
        cells = rule(cells)
    loss = ((cells[:, 0] - target) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    for p in rule.parameters():
        p.grad /= p.grad.norm() + 1e-8
    opt.step()
    if step % 50 == 49:
        print("step", step + 1, "loss", loss.item())
print(f"RESULT mse={loss.item():.4f}")
