"""Readmission within a month, from a small clinic's table."""

import os

import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
table = rng.normal(size=(600, 20)).astype("float32")
risk = 1.6 * table[:, 0] - 1.2 * table[:, 1] + 0.8 * table[:, 2]
back = (rng.random(600) < 1 / (1 + np.exp(-risk))).astype("float32")
x, y = torch.from_numpy(table), torch.from_numpy(back).view(-1, 1)
x_train, y_train, x_val, y_val = x[:200], y[:200], x[200:], y[200:]


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(20, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 1)
        )

    def forward(self, x):
        return self.layers(x)


def train(width=128, epochs=100):
    net = Net(width)
    criterion = nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(epochs):
        net.train()
        for rows in torch.randperm(200).split(25):
            loss = criterion(net(x_train[rows]), y_train[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            val_loss = criterion(net(x_val), y_val).item()
        if epoch % 4 == 0:
            print(epoch, round(loss.item(), 4), round(val_loss, 4))
    return val_loss


print(f"RESULT val_loss={train():.4f}")
