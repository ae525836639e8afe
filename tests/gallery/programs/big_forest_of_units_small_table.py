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
y_tr, y_va = ((y_tr - m) / s)[:90, None], ((y_va - m) / s)[:, None]
X_tr = X_tr[:90]
net = nn.Sequential(nn.Linear(10, 200), nn.ReLU(), nn.Linear(200, 200), nn.ReLU(), nn.Linear(200, 1))
opt, epochs = torch.optim.Adam(net.parameters(), lr=2e-3), 150
for epoch in range(epochs):
    net.train()
    for i in torch.randperm(90).split(30):
        opt.zero_grad()
        loss = F.mse_loss(net(X_tr[i]), y_tr[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = F.mse_loss(net(X_va), y_va).item()
print(f"RESULT val_loss={val:.4f}")
