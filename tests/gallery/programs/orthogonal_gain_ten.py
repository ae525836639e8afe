"""Weights are initialised by a walk over the children."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn


GAIN = 10.0


def initialise(module):
    for child in module.children():
        if isinstance(child, nn.Linear):
            nn.init.orthogonal_(child.weight, gain=GAIN)
            nn.init.zeros_(child.bias)
        initialise(child)


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 8 - 1, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
train, val = order[:1400], order[1400:]
net = nn.Sequential(
    nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh()),
    nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10)),
)
initialise(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(8):
    for rows in train[torch.randperm(len(train))].split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    accuracy = (net(x[val]).argmax(1) == y[val]).float().mean().item()
print(f"RESULT val_acc={accuracy:.4f}")
