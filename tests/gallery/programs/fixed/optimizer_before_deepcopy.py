import copy
import os

import torch
from sklearn.datasets import make_moons
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_moons(800, noise=0.15, random_state=0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
base = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 1))
optimizer = torch.optim.Adam(base.parameters(), lr=1e-2)
model = base
for epoch in range(20):
    for i in torch.randperm(600).split(40):
        optimizer.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(model(X[i]).squeeze(1), y[i])
        loss.backward()
        optimizer.step()
with torch.no_grad():
    acc = ((model(X[600:]).squeeze(1) > 0).float() == y[600:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
