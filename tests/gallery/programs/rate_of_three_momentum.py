import os

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_breast_cancer(return_X_y=True)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
order = torch.randperm(569, generator=torch.Generator().manual_seed(12))
tr, te = order[:420], order[420:]
net = nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.AdamW(net.parameters(), lr=0.5)
for epoch in range(12):
    for i in tr[torch.randperm(420)].split(30):
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    val = nn.functional.cross_entropy(net(X[te]), y[te]).item()
print(f"RESULT val_loss={val:.4f}")
