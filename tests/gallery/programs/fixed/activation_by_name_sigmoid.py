"""A deep classifier; its activation is chosen by name."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn

NONLINEARITIES = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
HPARAMS = {"nonlinearity": "relu", "depth": 8, "width": 48, "lr": 2e-3, "epochs": 12}


class Deep(nn.Module):
    def __init__(self, depth, width, nonlinearity):
        super().__init__()
        self.stem = nn.Linear(64, width)
        self.blocks = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.head = nn.Linear(width, 10)
        self.nonlinearity = NONLINEARITIES[nonlinearity]

    def forward(self, x):
        x = self.nonlinearity(self.stem(x))
        for block in self.blocks:
            x = self.nonlinearity(block(x))
        return self.head(x)


def data():
    x, y = load_digits(return_X_y=True)
    x = torch.tensor((x - x.mean()) / x.std(), dtype=torch.float32)
    order = torch.randperm(len(x))
    x, y = x[order], torch.tensor(y)[order]
    return (x[:1400], y[:1400]), (x[1400:], y[1400:])


def main(hparams):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    (x, y), (vx, vy) = data()
    net = Deep(hparams["depth"], hparams["width"], hparams["nonlinearity"])
    optimizer = torch.optim.Adam(net.parameters(), lr=hparams["lr"])
    criterion = nn.CrossEntropyLoss()
    for epoch in range(hparams["epochs"]):
        for index in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            loss = criterion(net(x[index]), y[index])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            acc = (net(vx).argmax(1) == vy).float().mean().item()
        print(f"epoch {epoch}: loss={loss.item():.4f} acc={acc:.4f}")
    print(f"RESULT val_acc={acc:.4f}")


main(HPARAMS)
