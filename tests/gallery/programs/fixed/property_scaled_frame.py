"""Wine again, with a class that holds the table."""

import os

import torch
from sklearn.datasets import load_wine
from torch import nn


class Table:
    def __init__(self, seed):
        values, kinds = load_wine(return_X_y=True)
        order = torch.randperm(len(values), generator=torch.Generator().manual_seed(seed))
        self.values = torch.tensor(values, dtype=torch.float32)[order]
        self.kinds = torch.tensor(kinds)[order]

    @property
    def inputs(self):
        return (self.values - self.values.mean(0)) / self.values.std(0)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
table = Table(seed)
x, y = table.inputs, table.kinds
net = nn.Sequential(nn.Linear(13, 20), nn.Sigmoid(), nn.Linear(20, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(40):
    for rows in torch.randperm(120).split(20):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    accuracy = (net(x[120:]).argmax(1) == y[120:]).float().mean().item()
print(f"RESULT val_acc={accuracy:.4f}")
