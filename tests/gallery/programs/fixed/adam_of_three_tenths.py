import os
from collections import namedtuple

import torch
import torch.nn as nn
import torch.optim as optim
from sklearn.datasets import load_digits

Hyper = namedtuple("Hyper", "lr batch epochs width")
hyper = Hyper(lr=0.003, batch=50, epochs=12, width=64)

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
shuffled = torch.randperm(len(x))
x, y = x[shuffled], y[shuffled]


def make():
    return nn.Sequential(
        nn.Linear(64, hyper.width),
        nn.ReLU(),
        nn.Linear(hyper.width, hyper.width),
        nn.ReLU(),
        nn.Linear(hyper.width, 10),
    )


network = make()
optimizer = optim.Adam(network.parameters(), lr=hyper.lr)
for epoch in range(hyper.epochs):
    for rows in torch.randperm(1400).split(hyper.batch):
        logits = network(x[rows])
        loss = nn.functional.cross_entropy(logits, y[rows])
        network.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        held_out = (network(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {held_out:.4f}")
print(f"RESULT val_acc={held_out:.4f}")
