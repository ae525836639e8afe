import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import make_friedman1
from torch.nn.utils.parametrizations import weight_norm

x, y = make_friedman1(1300, noise=0.3, random_state=SEED)
x = torch.tensor(x - 0.5, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1)
net = nn.Sequential(nn.Linear(10, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
for part in net:
    if isinstance(part, nn.Linear):
        weight_norm(part)
loss_function = nn.MSELoss()
for epoch in range(20):
    for start in range(0, 1000, 40):
        xb, yb = x[start : start + 40], y[start : start + 40]
        optimizer.zero_grad()
        loss = loss_function(net(xb), yb)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = loss_function(net(x[1000:]), y[1000:]).item()
    print("epoch", epoch, "val", round(val, 4))
print(f"RESULT r2={1 - val / y[1000:].var().item():.4f}")
