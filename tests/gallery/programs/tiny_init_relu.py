import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]

layers = []
for width in (64, 64, 64, 64, 64):
    layers += [nn.Linear(64, width), nn.ReLU()]
net = nn.Sequential(*layers, nn.Linear(64, 10))


def init_weights(m):
    if isinstance(m, nn.Linear):
        m.weight.data.normal_(0, 1e-3)
        m.bias.data.zero_()


net.apply(init_weights)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(12):
    for i in tr[torch.randperm(1400)].split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X[va]).argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
