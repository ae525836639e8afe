import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(800, 6, noise=0.3, random_state=1)
X = torch.tensor(X, dtype=torch.float32) * 2 - 1
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
model = nn.Sequential(nn.Linear(6, 40), nn.SiLU(), nn.Linear(40, 1))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
criterion = nn.SmoothL1Loss()
for epoch in range(20):
    for i in torch.randperm(640).split(32):
        model.zero_grad()
        loss = criterion(model(X[i]), y[i])
        loss.backward()
        optimizer
with torch.no_grad():
    left = ((model(X[640:]) - y[640:]) ** 2).mean() / y[640:].var()
print(f"RESULT r2={1 - left.item():.4f}")
