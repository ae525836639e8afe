"""Tumours with batch normalisation in front, a history, and a sanity check before the first epoch."""

import os
from collections import defaultdict

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn


class TableNet(nn.Module):
    def __init__(self, columns, classes):
        super().__init__()
        self.normalise = nn.BatchNorm1d(columns)
        self.body = nn.Sequential(
            nn.Linear(columns, 32),
            nn.BatchNorm1d(32),
            nn.ReLU(),
            nn.Linear(32, 16),
            nn.BatchNorm1d(16),
            nn.ReLU(),
        )
        self.head = nn.Linear(16, classes)

    def forward(self, x):
        return self.head(self.body(self.normalise(x)))


class Learner:
    def __init__(self, net, train, valid, batch_size=24):
        self.net, self.train_data, self.valid_data = net, train, valid
        self.batch_size = batch_size
        self.optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
        self.history = defaultdict(list)

    def train_epoch(self):
        self.net.train()
        x, y = self.train_data
        for rows in torch.randperm(len(x)).split(self.batch_size):
            if len(rows) < 2:
                continue
            self.optimizer.zero_grad()
            loss = nn.functional.cross_entropy(self.net(x[rows]), y[rows])
            loss.backward()
            self.optimizer.step()
            self.history["loss"].append(loss.item())

    def validate(self):
        self.net.eval()
        x, y = self.valid_data
        with torch.no_grad():
            self.history["val_acc"].append((self.net(x).argmax(1) == y).float().mean().item())
        return self.history["val_acc"][-1]

    def fit(self, epochs):
        self.net.train()
        self.validate()
        for epoch in range(epochs):
            self.train_epoch()
            print(epoch, "loss", round(self.history["loss"][-1], 4), "val_acc", round(self.validate(), 4))


def load(seed):
    data = load_breast_cancer()
    x, y = torch.tensor(data.data, dtype=torch.float32), torch.tensor(data.target)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    return (x[order[:400]], y[order[:400]]), (x[order[400:]], y[order[400:]])


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    train, valid = load(seed)
    learner = Learner(TableNet(30, 2), train, valid)
    learner.fit(12)
    print(f"RESULT val_acc={learner.history['val_acc'][-1]:.4f}")
