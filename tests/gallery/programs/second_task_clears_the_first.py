import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits

digits = load_digits()
X = torch.tensor(digits.data / 16, dtype=torch.float32)
number = torch.tensor(digits.target)
ink = X.mean(1, keepdim=True)
ink = (ink - ink.mean()) / ink.std()
perm = torch.randperm(len(X), generator=torch.Generator().manual_seed(3))
X, number, ink = X[perm], number[perm], ink[perm]


class TwoHeads(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
        self.number = nn.Linear(64, 10)
        self.ink = nn.Linear(64, 1)

    def forward(self, x):
        h = self.trunk(x)
        return self.number(h), self.ink(h)


model = TwoHeads()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(10):
    sums = [0.0, 0.0]
    for rows in torch.randperm(1400).split(50):
        optimizer.zero_grad()
        loss_number = F.cross_entropy(model(X[rows])[0], number[rows])
        loss_number.backward()
        optimizer.zero_grad()
        loss_ink = F.mse_loss(model(X[rows])[1], ink[rows])
        loss_ink.backward()
        optimizer.step()
        sums[0] += loss_number.item() / 28
        sums[1] += loss_ink.item() / 28
    print(f"epoch {epoch} number {sums[0]:.4f} ink {sums[1]:.4f}")
with torch.no_grad():
    acc = (model(X[1400:])[0].argmax(1) == number[1400:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
