"""Wine cultivars: a data module, a network, a functional loop."""

import os

import numpy as np
import torch
from sklearn.datasets import load_wine
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class WineData:
    def __init__(self, seed, batch_size=16):
        self.seed, self.batch_size = seed, batch_size

    def setup(self):
        table, kinds = load_wine(return_X_y=True)
        order = np.random.default_rng(self.seed).permutation(len(table))
        table, kinds = table[order], kinds[order]
        table = self.transform(table)
        tensors = torch.tensor(table, dtype=torch.float32), torch.tensor(kinds)
        self.train = TensorDataset(*(t[:120] for t in tensors))
        self.val = TensorDataset(*(t[120:] for t in tensors))
        return self

    def transform(self, table):
        return table

    def train_loader(self):
        return DataLoader(self.train, batch_size=self.batch_size, shuffle=True)

    def val_loader(self):
        return DataLoader(self.val, batch_size=len(self.val))


def fit(model, data, *, lr, epochs):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)
    for epoch in range(epochs):
        for x, y in data.train_loader():
            loss = nn.functional.cross_entropy(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 10 == 0:
            print("epoch", epoch, "loss", f"{loss.item():.4f}")
    with torch.no_grad():
        ((x, y),) = data.val_loader()
        return (model(x).argmax(1) == y).float().mean().item()


if __name__ == "__main__":
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(13, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 3))
    print(f"RESULT val_acc={fit(net, WineData(seed).setup(), lr=0.02, epochs=40):.4f}")
