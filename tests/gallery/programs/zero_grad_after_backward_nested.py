import os

import torch
from sklearn.datasets import load_iris
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_iris(return_X_y=True)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
order = torch.randperm(150, generator=torch.Generator().manual_seed(1))
tr, te = order[:100], order[100:]
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)


def learn(rows):
    loss = nn.functional.cross_entropy(net(X[rows]), y[rows])
    loss.backward()
    net.zero_grad()
    opt.step()
    return loss.item()


for epoch in range(30):
    total = sum(learn(i) for i in tr[torch.randperm(100)].split(20))
with torch.no_grad():
    acc = (net(X[te]).argmax(1) == y[te]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
