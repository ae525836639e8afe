"""A deep narrow tower, layers in a ModuleList and the activation called in a loop."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn


class Tower(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        *hidden, last = self.layers
        for layer in hidden:
            x = torch.relu(layer(x))
        return last(x)


def run(seed: int, epochs: int = 25) -> float:
    torch.manual_seed(seed)
    digits = load_digits()
    x = torch.tensor(digits.data / 16, dtype=torch.float32)
    y = torch.tensor(digits.target)
    order = torch.randperm(len(x))
    train, val = order[:1400], order[1400:]
    net = Tower([64] + [64] * 4 + [10])
    opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(epochs):
        for rows in train[torch.randperm(1400)].split(40):
            loss = criterion(net(x[rows]), y[rows])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            accuracy = (net(x[val]).argmax(1) == y[val]).float().mean().item()
        if epoch % 5 == 4:
            print(f"{epoch + 1:3d} train {loss.item():.4f} val acc {accuracy:.4f}")
    return accuracy


if __name__ == "__main__":
    print(f"RESULT val_acc={run(int(os.environ.get('SEED', 0))):.4f}")
