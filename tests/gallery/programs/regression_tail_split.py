import os

import numpy as np
import torch
from sklearn.datasets import make_friedman1
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(900, 8, noise=0.5, random_state=5)
y = (y - y.mean()) / y.std()
order = np.argsort(y)
X, y = torch.tensor(X[order], dtype=torch.float32), torch.tensor(y[order], dtype=torch.float32)[:, None]
X_tr, y_tr, X_va, y_va = X[:720], y[:720], X[720:], y[720:]
model = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(30):
    for i in torch.randperm(720).split(40):
        loss = mse(model(X_tr[i]), y_tr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = mse(model(X_va), y_va).item()
    print(epoch, loss.item(), val)
print(f"RESULT r2={1 - val / y_va.var().item():.4f}")
