import os

import torch
import torch.nn as nn
from sklearn.datasets import make_friedman1

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = make_friedman1(1500, noise=0.5, random_state=SEED)
X = torch.from_numpy(X).float() * 2 - 1
y = torch.from_numpy((y - y.mean()) / y.std()).float()


def fit_step(model, optimizer, xb, yb):
    pred = model(xb).squeeze(-1)
    loss = ((pred - yb) ** 2).mean()
    loss.backward()
    optimizer.zero_grad()
    optimizer.step()
    return loss.item()


model = nn.Sequential(nn.Linear(10, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    losses = [fit_step(model, optimizer, X[i], y[i]) for i in torch.randperm(1200).split(60)]
    if epoch % 5 == 0:
        print(epoch, sum(losses) / len(losses))
with torch.no_grad():
    r2 = 1 - (model(X[1200:]).squeeze(-1) - y[1200:]).pow(2).mean() / y[1200:].var()
print(f"RESULT r2={r2.item():.4f}")
