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
X = (X - X.mean(0)) / X.std(0)
perm = np.random.RandomState(3).permutation(len(y))
X, y = torch.tensor(X[perm], dtype=torch.float32), torch.tensor(y[perm], dtype=torch.float32)
labels = y
svm = nn.Linear(30, 1)
opt = torch.optim.SGD(svm.parameters(), lr=0.02)
for epoch in range(30):
    for rows in torch.randperm(400).split(20):
        margin = labels[rows] * svm(X[rows]).squeeze(1)
        loss = torch.clamp(1 - margin, min=0).mean() + 1e-3 * svm.weight.square().sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = ((svm(X[400:]).squeeze(1) > 0).float() == y[400:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
