import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

t = torch.linspace(0, 4, 120)
y = 2.0 * torch.exp(-0.6 * t) * torch.cos(3.0 * t) + 0.03 * torch.randn(120)


class Oscillator(nn.Module):
    def __init__(self):
        super().__init__()
        self.k, self.w, self.a = (nn.Parameter(torch.tensor(v)) for v in (0.3, 2.6, 1.0))

    def forward(self, t):
        return self.a * torch.exp(-self.k * t) * torch.cos(self.w * t)


m = Oscillator()
opt = torch.optim.Adam(m.parameters(), lr=0.05)
for it in range(300):
    opt.zero_grad()
    loss = F.mse_loss(m(t), y)
    loss.backward()
    opt.step()
print(m.k.item(), m.w.item(), m.a.item())
print(f"RESULT error={abs(m.w.item() - 3):.4f}")
