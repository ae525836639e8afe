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
x = torch.randn(900, 5)
big, small = 10 * torch.sin(x[:, :1]) + 5 * x[:, 1:2], 0.5 * x[:, 2:3] * x[:, 3:4]
body, one, two = (
    nn.Sequential(nn.Linear(5, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh()),
    nn.Linear(64, 1),
    nn.Linear(64, 1),
)
opt = optim.Adam([*body.parameters(), *one.parameters(), *two.parameters()], lr=4e-3)
for epoch in range(30):
    for rows in torch.randperm(700).split(35):
        h = body(x[rows])
        loss = nn.functional.mse_loss(one(h), big[rows]) / 50 + nn.functional.mse_loss(two(h), small[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 6 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (nn.functional.mse_loss(one(body(x[700:])), big[700:]) / big[700:].var()).item()
print(f"RESULT r2={r2:.4f}")
