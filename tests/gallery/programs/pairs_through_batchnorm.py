"""Digits with batch normalisation; a generator makes the batches."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn

BATCH_SIZE = 2
EPOCHS = 2


class Normed(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.linears = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm1d(size) for size in sizes[1:-1])

    def forward(self, x):
        for linear, norm in zip(self.linears, self.norms):
            x = torch.relu(norm(linear(x)))
        return self.linears[-1](x)


def batches(x, y, size):
    order = torch.randperm(len(x))
    for start in range(0, len(x) - size + 1, size):
        rows = order[start : start + size]
        yield x[rows], y[rows]


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
x, y = x[order], y[order]
net = Normed([64, 48, 48, 10])
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    net.train()
    for bx, by in batches(x[:1400], y[:1400], BATCH_SIZE):
        optimizer.zero_grad()
        loss = criterion(net(bx), by)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        print(epoch, loss.item(), (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item())
with torch.no_grad():
    accuracy = (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT val_acc={accuracy:.4f}")
