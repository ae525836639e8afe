"""A made-up function of eight columns, with a helper that builds networks of any depth."""

import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn


def mlp(*sizes, activation=nn.ReLU):
    layers = []
    for i, (a, b) in enumerate(zip(sizes, sizes[1:])):
        layers.append(nn.Linear(a, b))
        if i < len(sizes) - 2:
            layers.append(activation())
    return nn.Sequential(*layers)


def standardised(values):
    return (values - values.mean(0)) / values.std(0)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
x, y = make_friedman1(1500, n_features=8, noise=0.5, random_state=seed)
x, y = torch.tensor(standardised(x)).float(), torch.tensor(standardised(y)).float()
train, test = slice(0, 1100), slice(1100, None)

model = mlp(8, 64, 32, 1)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
loss_fn = nn.MSELoss()
for epoch in range(40):
    permutation = torch.randperm(1100)
    for i in range(0, 1100, 55):
        rows = permutation[i : i + 55]
        optimizer.zero_grad()
        loss = loss_fn(model(x[train][rows]).squeeze(1), y[train][rows])
        loss.backward()
        optimizer.step()
    if (epoch + 1) % 10 == 0:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    residual = y[test] - model(x[test]).squeeze(1)
print(f"RESULT r2={1 - residual.pow(2).mean().item() / y[test].var().item():.4f}")
