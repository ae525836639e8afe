import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.8)
for epoch in range(15):
    for i in tr[torch.randperm(1400)].split(50):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        loss.backward()
        optimizer.step()
    scheduler.step()
    with torch.no_grad():
        acc = (net(X[va]).argmax(1) == y[va]).float().mean().item()
    print(epoch, scheduler.get_last_lr()[0], loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
