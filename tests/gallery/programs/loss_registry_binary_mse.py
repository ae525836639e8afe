"""Losses register themselves."""

import os

import torch
from torch import nn


LOSSES = {}


def register(function):
    LOSSES[function.__name__] = function
    return function


@register
def squared(output, target):
    return ((output - target) ** 2).mean()


@register
def absolute(output, target):
    return (output.squeeze(1) - target).abs().mean()


def fit(model, x, y, loss="squared", epochs=20):
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            value = LOSSES[loss](model(x[rows]), y[rows])
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
        print("epoch", epoch, "loss", value.item())


torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(1500, 4)
y = torch.sin(x[:, 0]) + x[:, 1] * x[:, 2]
model = nn.Sequential(nn.Linear(4, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
fit(model, x[:1200], y[:1200])
with torch.no_grad():
    error = (model(x[1200:]).squeeze(1) - y[1200:]).pow(2).mean()
print(f"RESULT r2={1 - error.item() / y[1200:].var().item():.4f}")
