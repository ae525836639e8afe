import os

import torch
from sklearn.datasets import make_moons
from torch import nn


class Dense(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.weight = nn.Parameter(torch.full((outputs, inputs), 0.3))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return x @ self.weight.T + self.bias


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    x, y = make_moons(1200, noise=0.1, random_state=seed)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    net = nn.Sequential(Dense(2, 24), nn.Tanh(), Dense(24, 24), nn.Tanh(), Dense(24, 2))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    for epoch in range(30):
        for rows in torch.randperm(900).split(30):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1} loss {loss.item():.4f}")
    with torch.no_grad():
        val_acc = (net(x[900:]).argmax(1) == y[900:]).float().mean().item()
    print(f"RESULT val_acc={val_acc:.4f}")


main()
