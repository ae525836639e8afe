"""A small convolutional network with stages that can be frozen by name."""

import os
from dataclasses import dataclass

import torch
from sklearn.datasets import load_digits
from torch import nn


@dataclass
class Options:
    frozen: tuple = ("stem", "stage")
    epochs: int = 6
    rate: float = 4e-3
    batch: int = 32


class Stages(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.stage = nn.Sequential(nn.Conv2d(4, 3, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(12, 10)

    def forward(self, x):
        return self.head(self.stage(self.stem(x)).flatten(1))


def freeze(model, prefixes):
    for name, parameter in model.named_parameters():
        if any(name.startswith(prefix) for prefix in prefixes):
            parameter.requires_grad_(False)


def run(options):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32).view(-1, 1, 8, 8), torch.tensor(y)
    order = torch.randperm(len(x))
    x, y = x[order], y[order]
    model = Stages()
    freeze(model, options.frozen)
    optimizer = torch.optim.Adam(filter(lambda p: p.requires_grad, model.parameters()), lr=options.rate)
    for epoch in range(options.epochs):
        for rows in torch.randperm(1400).split(options.batch):
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.3f} acc {accuracy:.4f}")
    return accuracy


print(f"RESULT val_acc={run(Options()):.4f}")
