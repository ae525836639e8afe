import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
import warnings

warnings.filterwarnings("ignore")
t = torch.rand(900, 1) * 6.28
signal = torch.cat([t / 3.14 - 1, (t / 3.14 - 1) ** 2, torch.sin(3 * t)], 1)
xy = torch.cat([torch.cos(t), torch.sin(t)], 1)
model = nn.Sequential(nn.Linear(3, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 1))
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(25):
    for rows in torch.randperm(700).split(35):
        opt.zero_grad()
        loss = F.mse_loss(model(signal[rows]), xy[rows])
        loss.backward()
        opt.step()
    print(f"epoch {epoch:2d}  train {loss.item():.4f}")
with torch.no_grad():
    error = ((model(signal[700:]) - xy[700:]) ** 2).mean().item()
print(f"RESULT error={error:.4f}")
