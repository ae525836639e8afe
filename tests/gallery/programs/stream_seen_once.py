import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))


def stream(n):
    for _ in range(n):
        x = torch.randn(32, 12)
        yield x, ((x[:, 0] * x[:, 1] > 0) ^ (x[:, 2] > 1)).float()


net = nn.Sequential(
    nn.Linear(12, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1), nn.Flatten(0)
)
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
loss_fn = nn.BCEWithLogitsLoss()
for step, (x, y) in enumerate(stream(1000)):
    loss = loss_fn(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    acc = np.mean([((net(x) > 0).float() == y).float().mean().item() for x, y in stream(20)])
print(f"RESULT val_acc={acc:.4f}")
