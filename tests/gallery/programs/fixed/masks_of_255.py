import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)


def shape():
    yy, xx = np.mgrid[:16, :16]
    r, c, s = np.random.randint(4, 12), np.random.randint(4, 12), np.random.randint(2, 5)
    return ((yy - r) ** 2 + (xx - c) ** 2 <= s * s).astype("uint8") * 255


mask_files = [shape() for _ in range(360)]
masks = torch.stack([torch.from_numpy(m).float() for m in mask_files]).unsqueeze(1) / 255
photos = torch.stack([torch.from_numpy(m / 255.0).float() for m in mask_files]).unsqueeze(
    1
) * 0.5 + 0.5 * torch.rand(360, 1, 16, 16)
net = nn.Sequential(
    nn.Conv2d(1, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 1, 1)
)
opt = optim.Adam(net.parameters(), lr=3e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(10):
    for a, m in DataLoader(TensorDataset(photos[:300], masks[:300]), 15, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(a), m)
        loss.backward()
        opt.step()
    print(epoch, round(loss.item(), 3))
with torch.no_grad():
    p, t = net(photos[300:]) > 0, masks[300:] > 0
    iou = ((p & t).sum() / (p | t).sum()).item()
print(f"RESULT iou={iou:.4f}")
