import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 4, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
X, y = X[perm], y[perm]
Y = nn.functional.one_hot(y, 10).float()
net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)


def cross_entropy(logits, target):
    return -(target * torch.log_softmax(logits, 1)).sum(1).mean()


for epoch in range(8):
    for i in torch.randperm(1400).split(50):
        loss = cross_entropy(net(X[i]), Y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
