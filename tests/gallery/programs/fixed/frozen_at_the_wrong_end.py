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
perm = torch.randperm(len(X), generator=torch.Generator().manual_seed(8))
X, y = X[perm], y[perm]
body = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())


def run(model, x, target, epochs, lr):
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=lr)
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(40):
            loss = F.cross_entropy(model(x[rows]), target[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"  epoch {epoch} loss {loss.item():.4f}")


print("before: odd or even, small or large")
run(nn.Sequential(body, nn.Linear(32, 4)), X[:800], y[:800] % 2 * 2 + (y[:800] > 4), 10, 2e-3)
model = nn.Sequential(body, nn.Linear(32, 10))
parameters = list(model.parameters())
for p in parameters[:2]:
    p.requires_grad = False
print("fine-tuning")
run(model, X[800:1400], y[800:1400], 8, 4e-3)
with torch.no_grad():
    acc = (model(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
