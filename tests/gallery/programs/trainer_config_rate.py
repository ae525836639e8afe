"""Digits with a small Trainer that is configured by a nested dictionary."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

CONFIG = {
    "seed": int(os.environ.get("SEED", "0")),
    "model": {"hidden": [64, 32], "activation": "relu"},
    "optimizer": {"name": "sgd", "lr": 8.0, "momentum": 0.9},
    "training": {"epochs": 8, "batch_size": 50},
}
ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


def build_model(config, inputs, outputs):
    layers, last = [], inputs
    for width in config["hidden"]:
        layers += [nn.Linear(last, width), ACTIVATIONS[config["activation"]]()]
        last = width
    return nn.Sequential(*layers, nn.Linear(last, outputs))


def build_optimizer(config, parameters):
    if config["name"] == "sgd":
        return torch.optim.SGD(parameters, lr=config["lr"], momentum=config["momentum"])
    return torch.optim.Adam(parameters, lr=config["lr"])


class Trainer:
    def __init__(self, config, train, valid):
        torch.manual_seed(config["seed"])
        self.config = config
        self.model = build_model(config["model"], 64, 10)
        self.optimizer = build_optimizer(config["optimizer"], self.model.parameters())
        self.criterion = nn.CrossEntropyLoss()
        self.train_loader = DataLoader(train, batch_size=config["training"]["batch_size"], shuffle=True)
        self.valid_loader = DataLoader(valid, batch_size=256)

    def step(self, batch):
        inputs, labels = batch
        self.optimizer.zero_grad()
        loss = self.criterion(self.model(inputs), labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    @torch.no_grad()
    def accuracy(self):
        self.model.eval()
        right = sum((self.model(x).argmax(1) == y).sum().item() for x, y in self.valid_loader)
        return right / len(self.valid_loader.dataset)

    def fit(self):
        for epoch in range(self.config["training"]["epochs"]):
            self.model.train()
            losses = [self.step(batch) for batch in self.train_loader]
            print(f"epoch {epoch} loss {sum(losses) / len(losses):.4f} val_acc {self.accuracy():.4f}")
        return self.accuracy()


def main():
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(5))
    x, y = x[order], y[order]
    trainer = Trainer(CONFIG, TensorDataset(x[:1400], y[:1400]), TensorDataset(x[1400:], y[1400:]))
    print(f"RESULT val_acc={trainer.fit():.4f}")


if __name__ == "__main__":
    main()
