"""An experiment that can be run with several widths."""

import os

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn


class Experiment:
    def __init__(self, seed, width=16, lr=5e-3):
        torch.manual_seed(seed)
        self.width, self.lr = width, lr
        x, y = load_breast_cancer(return_X_y=True)
        x = (x - x.mean(0)) / x.std(0)
        order = torch.randperm(len(x))
        self.x, self.y = torch.tensor(x, dtype=torch.float32)[order], torch.tensor(y)[order]
        self.build()
        self.optimizer = torch.optim.Adam(self.net.parameters(), lr=self.lr)

    def build(self):
        self.net = nn.Sequential(nn.Linear(30, self.width), nn.ReLU(), nn.Linear(self.width, 2))

    def fit(self, epochs):
        for epoch in range(epochs):
            for rows in torch.randperm(400).split(20):
                self.optimizer.zero_grad()
                loss = nn.functional.cross_entropy(self.net(self.x[rows]), self.y[rows])
                loss.backward()
                self.optimizer.step()
            print("epoch", epoch, "loss", loss.item())

    def accuracy(self):
        with torch.no_grad():
            return (self.net(self.x[400:]).argmax(1) == self.y[400:]).float().mean().item()


experiment = Experiment(int(os.environ.get("SEED", 0)))
experiment.fit(15)
print(f"RESULT val_acc={experiment.accuracy():.4f}")
