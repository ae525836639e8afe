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
x = torch.rand(900, 3) * 2 - 1
y = (torch.sin(3 * x[:, 0]) * x[:, 1] + x[:, 2]).unsqueeze(1)
layers = [nn.Linear(3, 32), nn.ReLU()]
for _ in range(3):
    layers += [nn.Linear(32, 32), nn.ReLU()]
net = nn.Sequential(*layers, nn.Linear(32, 1))
opt = optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    for a, b in DataLoader(TensorDataset(x[:700], y[:700]), 35, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (nn.functional.mse_loss(net(x[700:]), y[700:]) / y[700:].var()).item()
print(f"RESULT r2={r2:.4f}")
