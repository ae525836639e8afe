import os

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
order = torch.randperm(178, generator=torch.Generator().manual_seed(2))
tr, te = order[:120], order[120:]
net = nn.Sequential(nn.Linear(13, 24), nn.BatchNorm1d(24), nn.ReLU(), nn.Linear(24, 3))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)


def validate():
    net.eval()
    right = 0
    with torch.no_grad():
        for pair in te[y[te].argsort()].split(2):
            right += (net(X[pair]).argmax(1) == y[pair]).sum().item()
    net.train()
    return right / len(te)


for epoch in range(15):
    for i in tr[torch.randperm(120)].split(24):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    acc = validate()
print(f"RESULT val_acc={acc:.4f}")
