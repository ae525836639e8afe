import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_digits

data = torch.tensor(load_digits().data, dtype=torch.float32)
net = nn.Sequential(
    nn.Linear(64, 32),
    nn.ReLU(),
    nn.Linear(32, 12),
    nn.ReLU(),
    nn.Linear(12, 32),
    nn.ReLU(),
    nn.Linear(32, 64),
    nn.Sigmoid(),
)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    for i in torch.randperm(1500).split(64):
        out = net(data[i])
        loss = F.mse_loss(out, data[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = F.mse_loss(net(data[1500:]), data[1500:]).item()
    print(f"{epoch:2d} {loss.item():.4f} {val:.4f}")
print(f"RESULT val_mse={val:.4f}")
