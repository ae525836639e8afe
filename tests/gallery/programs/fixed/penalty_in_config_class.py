import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class Config:
    seed = int(os.environ.get("SEED", 0))
    lr = 0.05
    ridge = 1e-5
    epochs = 15
    batch_size = 50


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))

    def penalty(self):
        return sum(weight.pow(2).sum() for weight in self.parameters())


def train(config):
    torch.manual_seed(config.seed)
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x, dtype=torch.float32) / 16, torch.tensor(y)
    order = torch.randperm(len(x))
    train_rows, val_rows = order.split([1400, len(x) - 1400])
    model = Classifier()
    optimizer = torch.optim.SGD(model.parameters(), lr=config.lr, momentum=0.9)
    for epoch in range(config.epochs):
        for pick in torch.randperm(1400).split(config.batch_size):
            rows = train_rows[pick]
            optimizer.zero_grad()
            loss = F.cross_entropy(model(x[rows]), y[rows]) + config.ridge * model.penalty()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = (model(x[val_rows]).argmax(1) == y[val_rows]).float().mean()
        print(f"[{epoch}] loss={loss.item():.4f} accuracy={accuracy.item():.4f}")
    return accuracy.item()


print(f"RESULT val_acc={train(Config):.4f}")
