import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

rng = np.random.RandomState(8)
X = rng.rand(800, 5).astype("float32")
minutes = (30 * X[:, 0] * X[:, 1] + 6 * X[:, 2] + rng.randn(800)).clip(0).astype("float32")
data = TensorDataset(torch.tensor(X), torch.tensor(minutes)[:, None])
train, val = torch.utils.data.random_split(data, [640, 160], torch.Generator().manual_seed(0))
layers = [nn.Linear(5, 40), nn.LeakyReLU(), nn.Linear(40, 40), nn.LeakyReLU(), nn.Linear(40, 1)]
layers.append(nn.Tanh())
net = nn.Sequential(*layers)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(30):
    for xb, yb in DataLoader(train, batch_size=32, shuffle=True):
        loss = nn.functional.smooth_l1_loss(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    xv, yv = next(iter(DataLoader(val, batch_size=160)))
    r2 = 1 - ((net(xv) - yv) ** 2).mean().item() / yv.var().item()
print(f"RESULT r2={r2:.4f}")
