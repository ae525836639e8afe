import os

import numpy as np
import pandas as pd
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
frame = pd.DataFrame(rng.normal(size=(1500, 6)), columns=[f"x{i}" for i in range(6)])
frame["y"] = frame.x0 * frame.x1 + np.sin(2 * frame.x2) + 0.5 * frame.x3
frame.loc[700, "x3"] = np.nan
frame = frame
X = torch.tensor(frame.drop(columns="y").to_numpy(), dtype=torch.float32)
y = torch.tensor(frame.y.to_numpy(), dtype=torch.float32)
net = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.arange(1200).split(48):
        loss = nn.functional.mse_loss(net(X[i]).squeeze(1), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - nn.functional.mse_loss(net(X[1200:]).squeeze(1), y[1200:]) / y[1200:].var()
print(f"RESULT r2={r2.item():.4f}")
