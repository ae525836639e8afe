import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
import pandas as pd

rng = np.random.default_rng(SEED)
n = 1200
frame = pd.DataFrame(
    {
        "temperature": rng.normal(12, 7, n),
        "humidity": rng.uniform(20, 100, n),
        "pressure": rng.normal(1013, 8, n),
        "wind": rng.gamma(2, 3, n),
    }
)
yield_ = (
    0.8 * frame.temperature / 7
    + 0.5 * (frame.humidity - 60) / 23
    - 0.6 * (frame.wind - 6) / 4
    + 0.3 * rng.normal(size=n)
)
for column in frame:
    frame.loc[rng.random(n) < 0.02, column] = -9999.0
x = torch.tensor(((frame - frame.mean()) / frame.std()).values, dtype=torch.float32)
y = torch.tensor(((yield_ - yield_.mean()) / yield_.std()).values, dtype=torch.float32).unsqueeze(1)
model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(20):
    for rows in torch.randperm(1000).split(32):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = F.mse_loss(model(x[1000:]), y[1000:]).item()
    print(f"{epoch:3d} {loss.item():.4f} {val:.4f}")
print(f"RESULT r2={1 - val / y[1000:].var().item():.4f}")
