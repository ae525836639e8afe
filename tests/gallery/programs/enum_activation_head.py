"""Activations are an enum."""

import os
from enum import Enum

import torch
from torch import nn


class Activation(Enum):
    RELU = nn.ReLU
    SIGMOID = nn.Sigmoid
    NONE = nn.Identity


def network(inputs, hidden, output_activation):
    return nn.Sequential(
        nn.Linear(inputs, hidden), Activation.RELU.value(), nn.Linear(hidden, 1), output_activation.value()
    )


torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(1600, 5)
y = x[:, 0] + 0.5 * x[:, 1] ** 2 - x[:, 2]
y = (y - y.mean()) / y.std()
net = network(5, 40, Activation.SIGMOID)
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    for rows in torch.randperm(1200).split(40):
        loss = nn.functional.mse_loss(net(x[rows]).squeeze(1), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    error = (net(x[1200:]).squeeze(1) - y[1200:]).pow(2).mean()
print(f"RESULT r2={1 - error.item() / y[1200:].var().item():.4f}")
