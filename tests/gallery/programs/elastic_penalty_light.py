import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True, scaled=False)
X = (X - X.mean(0)) / X.std(0)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=2)
X_tr, X_va = torch.tensor(X_tr, dtype=torch.float32), torch.tensor(X_va, dtype=torch.float32)
y_tr, y_va = torch.tensor(y_tr, dtype=torch.float32), torch.tensor(y_va, dtype=torch.float32)

m, s = y_tr.mean(), y_tr.std()
y_tr, y_va = (y_tr - m) / s, (y_va - m) / s
net = nn.Sequential(nn.Linear(10, 24), nn.Tanh(), nn.Linear(24, 1), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(40):
    for i in torch.randperm(len(X_tr)).split(32):
        opt.zero_grad()
        pull = sum(p.abs().sum() + p.square().sum() for p in net.parameters())
        loss = F.mse_loss(net(X_tr[i]), y_tr[i]) + 2e-3 * pull
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(X_va), y_va).item() / y_va.var().item()
print(f"RESULT r2={r2:.4f}")
