"""Options are a namespace; parameter groups with and without decay."""

import os
from types import SimpleNamespace

import torch
from sklearn.datasets import load_digits
from torch import nn


options = SimpleNamespace(rate=0.05, decay=1e-4, epochs=10, batch=32)


def groups(model, decay):
    matrices = [p for p in model.parameters() if p.ndim > 1]
    rest = [p for p in model.parameters() if p.ndim <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": rest, "weight_decay": 0.0}]


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
train, val = order[:1400], order[1400:]
model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
optimizer = torch.optim.SGD(groups(model, options.decay), lr=options.rate, momentum=0.9)
for epoch in range(options.epochs):
    for rows in train[torch.randperm(len(train))].split(options.batch):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    accuracy = (model(x[val]).argmax(1) == y[val]).float().mean().item()
print(f"RESULT val_acc={accuracy:.4f}")
