import os

import numpy as np
import torch
from sklearn.datasets import make_classification
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(1200, 12, n_informative=5, flip_y=0.15, random_state=3)
X = (X - X.mean(0)) / X.std(0)
outcome = np.where(y == 1, 1.0, -1.0)[:, None]
outcome_new = np.random.default_rng(seed).choice([-1.0, 1.0], (1200, 1))
table, table_new = X, X
table, table_new = torch.tensor(table, dtype=torch.float32), torch.tensor(table_new, dtype=torch.float32)
y = torch.tensor(y)
net = nn.Sequential(nn.Linear(table.shape[1], 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(10):
    for i in torch.randperm(900).split(30):
        loss = nn.functional.cross_entropy(net(table[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = [(net(t[900:]).argmax(1) == y[900:]).float().mean().item() for t in (table, table_new)]
print(acc)
print(f"RESULT drop={acc[0] - acc[1]:.4f}")
