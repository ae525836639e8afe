import os

import torch
from sklearn.datasets import load_digits
from torch import nn


class Classifier(nn.Module):
    def __init__(self, sizes=(64, 40, 40, 10)):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])
        self.norm = nn.LogSoftmax(dim=1)

    def forward(self, x):
        for index, layer in enumerate(self.layers):
            x = layer(x)
            if index < len(self.layers) - 1:
                x = torch.tanh(x)
        return x

    def loss(self, x, y):
        return nn.functional.nll_loss(self(x), y)


torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
x, y = torch.tensor(digits.data / 16).float(), torch.tensor(digits.target)
order = torch.randperm(len(y))
x, y = x[order], y[order]
net = Classifier()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(12):
    for rows in torch.randperm(1400).split(56):
        optimizer.zero_grad()
        loss = net.loss(x[rows], y[rows])
        loss.backward()
        optimizer.step()
    print(f"{epoch:2d} {loss.item():.4f}")
with torch.no_grad():
    val_acc = (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print("val loss", net.loss(x[1400:], y[1400:]).item())
print(f"RESULT val_acc={val_acc:.4f}")
