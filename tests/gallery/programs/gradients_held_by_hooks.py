import os

import torch
from sklearn.datasets import load_digits
from torch import nn

LIMIT = 1e-5

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
train, val = order[:1400], order[1400:]

net = nn.Sequential(nn.Linear(64, 48), nn.GELU(), nn.Linear(48, 10))
for parameter in net.parameters():
    parameter.register_hook(lambda gradient: gradient.clamp(-LIMIT, LIMIT))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(12):
    for rows in train[torch.randperm(1400)].split(40):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val_acc = (net(x[val]).argmax(1) == y[val]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val_acc {val_acc:.4f}")
print(f"RESULT val_acc={val_acc:.4f}")
