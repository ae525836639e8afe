import os

import torch
from sklearn.datasets import load_digits
from torch import nn

CONFIG = {"depth": 4, "width": 64, "activation": "sigmoid", "lr": 0.05, "epochs": 15}
ACTIVATION = {"relu": nn.ReLU, "sigmoid": nn.Sigmoid, "tanh": nn.Tanh}


def build(config):
    activation = ACTIVATION[config["activation"]]
    sizes = [64] + [config["width"]] * config["depth"]
    layers = []
    for before, after in zip(sizes, sizes[1:]):
        layers.extend([nn.Linear(before, after), activation()])
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 10))


def main(config):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    order = torch.randperm(len(x))
    train, val = order[:1400], order[1400:]
    net = build(config)
    optimizer = torch.optim.SGD(net.parameters(), lr=config["lr"], momentum=0.9)
    for epoch in range(config["epochs"]):
        for rows in train[torch.randperm(1400)].split(32):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val_acc = (net(x[val]).argmax(1) == y[val]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} val_acc {val_acc:.4f}")
    print(f"RESULT val_acc={val_acc:.4f}")


main(CONFIG)
