import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
perm = torch.randperm(len(y))
X, y = X[perm], y[perm]
model = nn.Linear(30, 1)
opt = torch.optim.SGD(model.parameters(), lr=1.0)
for epoch in range(60):
    opt.zero_grad()
    loss = F.binary_cross_entropy_with_logits(model(X[:400]).squeeze(1), y[:400])
    loss.backward()
    opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = ((model(X[400:]).squeeze(1) > 0) == (y[400:] > 0)).float().mean().item()
print(f"RESULT acc={acc:.4f}")
