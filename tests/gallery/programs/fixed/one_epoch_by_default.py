import argparse
import os

import torch
from sklearn.datasets import load_digits
from torch import nn


def parse(argv=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("-e", "--max-epochs", type=int, default=30, help="how often all rows are seen")
    parser.add_argument("--learning-rate", type=float, default=0.05)
    parser.add_argument("--hidden", type=int, default=48)
    return parser.parse_args(argv)


def batches(count, size):
    return torch.randperm(count).split(size)


def main(options):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    mixed = torch.randperm(len(x))
    x, y = x[mixed], y[mixed]
    net = nn.Sequential(nn.Linear(64, options.hidden), nn.ReLU(), nn.Linear(options.hidden, 10))
    sgd = torch.optim.SGD(net.parameters(), lr=options.learning_rate)
    epoch = 0
    while epoch < options.max_epochs:
        for rows in batches(1400, 28):
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            sgd.zero_grad()
            loss.backward()
            sgd.step()
        epoch += 1
        if epoch % 5 == 0 or epoch == options.max_epochs:
            print(f"after {epoch} epochs: loss {loss.item():.4f}")
    with torch.no_grad():
        accuracy = (net(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
    print(f"RESULT val_acc={accuracy:.4f}")


main(parse())
