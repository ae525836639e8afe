import os

import torch
from sklearn.datasets import load_digits
from torch import nn

PER_BATCH = 2


def block(i, o):
    return [nn.Linear(i, o, bias=False), nn.BatchNorm1d(o), nn.ReLU()]


def chunks(index, size):
    for start in range(0, len(index) - size + 1, size):
        yield index[start : start + size]


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
train, val = order[:900], order[900:]
net = nn.Sequential(*block(64, 48), *block(48, 48), *block(48, 48), *block(48, 48), nn.Linear(48, 10))
optimizer = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(5):
    net.train()
    for rows in chunks(train[torch.randperm(len(train))], PER_BATCH):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        val_acc = (net(x[val]).argmax(1) == y[val]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} val_acc {val_acc:.4f}")
print(f"RESULT val_acc={val_acc:.4f}")
