import os

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
order = torch.randperm(178, generator=torch.Generator().manual_seed(11))
tr, te = order[:120], order[120:]
net = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
opt = torch.optim.Adagrad(net.parameters(), lr=1e-5)
for epoch in range(20):
    for i in tr[torch.randperm(120)].split(12):
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (net(X[te]).argmax(1) == y[te]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
