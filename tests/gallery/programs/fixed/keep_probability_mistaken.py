"""A network that takes a keep probability, as older frameworks did."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn


class KeepNet(nn.Module):
    def __init__(self, keep_prob):
        super().__init__()
        self.fc1 = nn.Linear(64, 40)
        self.fc2 = nn.Linear(40, 40)
        self.fc3 = nn.Linear(40, 10)
        self.dropout = nn.Dropout(p=1 - keep_prob)

    def forward(self, x):
        x = self.dropout(torch.relu(self.fc1(x)))
        x = self.dropout(torch.relu(self.fc2(x)))
        return self.fc3(x)


def main(keep_prob=0.95, lr=2e-3, epochs=10):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x, dtype=torch.float32) / 16, torch.tensor(y)
    permutation = torch.randperm(len(x))
    train, val = permutation[:1350], permutation[1350:]
    net = KeepNet(keep_prob)
    opt = torch.optim.RMSprop(net.parameters(), lr=lr)
    for e in range(epochs):
        net.train()
        for rows in train[torch.randperm(len(train))].split(45):
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            acc = (net(x[val]).argmax(1) == y[val]).float().mean().item()
        print(f"{e} {loss.item():.4f} {acc:.4f}")
    print(f"RESULT val_acc={acc:.4f}")


main()
