import os

import torch
from sklearn.datasets import make_moons
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_moons(900, noise=0.2, random_state=3)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
model = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
MAX_NORM = 5.0
for epoch in range(15):
    for i in torch.randperm(700).split(35):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(X[i]), y[i])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), MAX_NORM)
        opt.step()
with torch.no_grad():
    acc = (model(X[700:]).argmax(1) == y[700:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
