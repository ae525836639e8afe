import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

r = np.random.RandomState(2)
x = r.randn(900, 6).astype("float32")
share = 1 / (1 + np.exp(-(1.5 * x[:, 0] - x[:, 1] * x[:, 2] + 0.2 * r.randn(900))))
x, share = torch.tensor(x), torch.tensor(share.astype("float32"))[:, None]
net = nn.Sequential(nn.Linear(6, 40), nn.GELU(), nn.Linear(40, 1), nn.Sigmoid())
opt = torch.optim.NAdam(net.parameters(), lr=4e-3)
mse = nn.MSELoss()
for epoch in range(25):
    for xb, yb in DataLoader(TensorDataset(x[:700], share[:700]), 50, shuffle=True):
        loss = mse(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    r2 = 1 - mse(net(x[700:]), share[700:]).item() / share[700:].var().item()
print(f"RESULT r2={r2:.4f}")
