import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


def blobs(n, g):
    c = torch.rand(n, 2, generator=g) * 16
    r = 2 + 3 * torch.rand(n, 1, 1, generator=g)
    grid = torch.stack(torch.meshgrid(torch.arange(16.0), torch.arange(16.0), indexing="ij"))
    d = ((grid[None] - c[:, :, None, None]) ** 2).sum(1).sqrt()
    mask = (d < r).float()
    return (mask + 0.5 * torch.randn(n, 16, 16, generator=g))[:, None], mask[:, None]


g = torch.Generator().manual_seed(9)
x, m = blobs(400, g)
vx, vm = blobs(100, g)
net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(12, 12, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(12, 1, 1),
)
criterion = nn.BCEWithLogitsLoss()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(10):
    for i in torch.randperm(400).split(20):
        opt.zero_grad()
        loss = criterion(net(x[i]), m[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = criterion(net(vx), vm).item()
    print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
