"""A training step made by a factory, in the style of functional libraries."""

import os

import numpy as np
import torch
from sklearn.datasets import make_moons
from torch import nn


def make_model(hidden):
    return nn.Sequential(
        nn.Linear(2, hidden),
        nn.ReLU(),
        nn.Linear(hidden, hidden),
        nn.ReLU(),
        nn.Linear(hidden, 1),
        nn.Flatten(0),
    )


def make_train_step(model, loss_fn, optimizer):
    def train_step(x, y):
        model.train()
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return train_step


def make_val_step(model):
    def val_step(x, y):
        model.eval()
        with torch.no_grad():
            return ((model(x) > 0) == (y > 0.5)).float().mean().item()

    return val_step


def batches(x, y, size, rng):
    order = rng.permutation(len(x))
    for start in range(0, len(x), size):
        rows = order[start : start + size]
        yield torch.from_numpy(x[rows]), torch.from_numpy(y[rows])


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
x, y = make_moons(1600, noise=0.15, random_state=seed)
x, y = x.astype(np.float32), y.astype(np.float32)
model = make_model(24)
train_step = make_train_step(
    model, nn.BCEWithLogitsLoss(), torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
)
val_step = make_val_step(model)
for epoch in range(12):
    losses = [train_step(*batch) for batch in batches(x[:1200], y[:1200], 30, rng)]
    accuracy = val_step(torch.from_numpy(x[1200:]), torch.from_numpy(y[1200:]))
    print(f"epoch {epoch:2d} train loss {np.mean(losses):.4f} val acc {accuracy:.4f}")
print(f"RESULT val_acc={accuracy:.4f}")
