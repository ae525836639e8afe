"""A network described by a list of layers."""

import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

SPEC = [
    ("linear", 64, 48),
    ("act", "relu"),
    ("linear", 48, 10),
    ("act", "softmax"),
]


class SpecNet(nn.Module):
    def __init__(self, spec):
        super().__init__()
        modules = []
        for kind, *options in spec:
            if kind == "linear":
                modules.append(nn.Linear(*options))
            elif kind == "act" and options[0] == "relu":
                modules.append(nn.ReLU())
            elif kind == "act" and options[0] == "softmax":
                modules.append(nn.Softmax(dim=1))
            else:
                raise ValueError(kind)
        self.net = nn.Sequential(*modules)

    def forward(self, x):
        return self.net(x)


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16).float(), torch.tensor(y)
    order = torch.randperm(len(x))
    train, val = order[:1300], order[1300:]
    model = SpecNet(SPEC)
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    for epoch in range(15):
        for rows in train[torch.randperm(len(train))].split(50):
            loss = F.cross_entropy(model(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val_loss = F.cross_entropy(model(x[val]), y[val]).item()
        print(f"epoch {epoch} train {loss.item():.4f} val {val_loss:.4f}")
    print(f"RESULT val_loss={val_loss:.4f}")


main()
