import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(len(X), generator=torch.Generator().manual_seed(6))
X, y = X[perm], y[perm]


class Branch(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.f = nn.Linear(d, d)
        self.alpha = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x + self.alpha * F.relu(self.f(x))


net = nn.Sequential(nn.Linear(64, 48), *[Branch(48) for _ in range(30)], nn.Linear(48, 10))
nn.init.zeros_(net[-1].weight)
nn.init.zeros_(net[-1].bias)
opt = torch.optim.Adam(net.parameters(), lr=1.5e-3)
for epoch in range(8):
    for rows in torch.randperm(1400).split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[rows]), y[rows])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(epoch, round(loss.item(), 4), round(acc, 4))
print(f"RESULT acc={acc:.4f}")
