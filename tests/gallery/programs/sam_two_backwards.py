import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = map(torch.tensor, load_digits(return_X_y=True))
X = X.float() / 16
perm = torch.randperm(len(X))
Xt, yt, Xv, yv = X[perm[:1400]], y[perm[:1400]], X[perm[1400:]], y[perm[1400:]]

net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 10))
base = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
RHO = 0.05

for epoch in range(12):
    for idx in torch.randperm(1400).split(64):
        F.cross_entropy(net(Xt[idx]), yt[idx]).backward()
        with torch.no_grad():
            norm = torch.stack([p.grad.norm() for p in net.parameters()]).norm()
            moves = [RHO * p.grad / (norm + 1e-12) for p in net.parameters()]
            for p, e in zip(net.parameters(), moves):
                p.add_(e)
        base.zero_grad()
        loss = F.cross_entropy(net(Xt[idx]), yt[idx])
        loss.backward()
        with torch.no_grad():
            for p, e in zip(net.parameters(), moves):
                p.sub_(e)
        base.step()
        base.zero_grad()
    with torch.no_grad():
        acc = (net(Xv).argmax(1) == yv).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
