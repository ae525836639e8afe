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
p = torch.from_numpy(np.random.RandomState(1).permutation(len(y)))
X, y = X[p], torch.tensor(y)[p].float().unsqueeze(1)
labels = 2 * y - 1
net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
loss_fn = nn.SoftMarginLoss()
for epoch in range(25):
    for rows in torch.randperm(420).split(21):
        opt.zero_grad()
        loss = loss_fn(net(X[rows]), labels[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = ((net(X[420:]) > 0).float() == y[420:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
