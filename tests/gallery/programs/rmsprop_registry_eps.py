import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn, optim

OPTIMIZERS = {
    "sgd": lambda params: optim.SGD(params, lr=0.02, momentum=0.9),
    "rmsprop": lambda params: optim.RMSprop(params, lr=0.002, eps=30.0),
    "adam": lambda params: optim.Adam(params, lr=0.001),
}


def data(seed):
    X, y = make_friedman1(1300, n_features=6, noise=0.3, random_state=seed)
    X = torch.tensor((X - X.mean(0)) / X.std(0)).float()
    y = torch.tensor((y - y.mean()) / y.std()).float().unsqueeze(1)
    return (X[:1000], y[:1000]), (X[1000:], y[1000:])


def train(name, seed):
    torch.manual_seed(seed)
    (x, y), (x_test, y_test) = data(seed)
    net = nn.Sequential(nn.Linear(6, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
    optimizer = OPTIMIZERS[name](net.parameters())
    for epoch in range(20):
        total = 0.0
        for rows in torch.randperm(1000).split(25):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
            total += loss.item() * len(rows)
        print(f"{name} epoch {epoch:2d} mse {total / 1000:.4f}")
    with torch.no_grad():
        return 1 - (nn.functional.mse_loss(net(x_test), y_test) / y_test.var()).item()


if __name__ == "__main__":
    print(f"RESULT r2={train('rmsprop', int(os.environ.get('SEED', 0))):.4f}")
