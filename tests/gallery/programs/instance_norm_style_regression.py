import os

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def stripes(n):
    angle = torch.rand(n) * 1.5
    yy, xx = torch.meshgrid(torch.linspace(-1, 1, 16), torch.linspace(-1, 1, 16), indexing="ij")
    phase = torch.rand(n, 1, 1) * 6.28
    wave = torch.sin(
        8 * (torch.cos(angle)[:, None, None] * xx + torch.sin(angle)[:, None, None] * yy) + phase
    )
    return (wave + 0.2 * torch.randn_like(wave))[:, None], (angle - 0.75) / 0.43


net = nn.Sequential(
    nn.Conv2d(1, 16, 5, padding=2),
    nn.InstanceNorm2d(16, affine=True),
    nn.ReLU(),
    nn.AvgPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.InstanceNorm2d(32, affine=True),
    nn.ReLU(),
    nn.AdaptiveMaxPool2d(1),
    nn.Flatten(),
    nn.Linear(32, 1),
)
x, t = stripes(1000)
xv, tv = stripes(200)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for step in range(200):
    i = torch.randint(0, 1000, (50,))
    net.train()
    loss = F.smooth_l1_loss(net(x[i]).squeeze(1), t[i])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 40 == 39:
        net.eval()
        with torch.no_grad():
            mae = F.l1_loss(net(xv).squeeze(1), tv).item()
        print(step, loss.item(), mae)
print(f"RESULT val_mae={mae:.4f}")
