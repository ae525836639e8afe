"""Steps, not epochs; the optimiser is a partial."""

import itertools
import os
from functools import partial

import torch
from sklearn.datasets import load_digits
from torch import nn


torch.manual_seed(int(os.environ.get("SEED", 0)))
MAX_STEPS = 400
make_optimizer = partial(torch.optim.Adam, lr=3.0)
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
train, val = order[:1400], order[1400:]


def endless():
    while True:
        yield from train[torch.randperm(len(train))].split(40)


net = nn.Sequential(nn.Linear(64, 50), nn.ReLU(), nn.Linear(50, 10))
optimizer = make_optimizer(net.parameters())
for step, rows in enumerate(itertools.islice(endless(), MAX_STEPS)):
    loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 100 == 99:
        print("step", step + 1, "loss", loss.item())
with torch.no_grad():
    print(f"RESULT val_acc={(net(x[val]).argmax(1) == y[val]).float().mean().item():.4f}")
