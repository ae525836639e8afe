"""Four blobs; the loop is one function with callbacks."""

import os

import torch
from sklearn.datasets import make_blobs
from torch import nn


class Blobs(torch.utils.data.Dataset):
    def __init__(self, n, seed):
        points, labels = make_blobs(
            n, centers=[[0, 0], [4, 0], [0, 4], [4, 4]], cluster_std=1.1, random_state=seed
        )
        self.points = torch.as_tensor(points, dtype=torch.float32) / 4
        self.labels = torch.as_tensor(labels)

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        return self.points[index], self.labels[index]


def loss_of(outputs, labels):
    criterion = nn.MSELoss()
    return criterion(outputs, labels.float().unsqueeze(1).expand_as(outputs))


def loop(model, data, optimizer, epochs, on_epoch):
    for epoch in range(epochs):
        total = 0.0
        for points, labels in torch.utils.data.DataLoader(data, batch_size=25, shuffle=True):
            optimizer.zero_grad()
            loss = loss_of(model(points), labels)
            loss.backward()
            optimizer.step()
            total += loss.item()
        on_epoch(epoch, total / (len(data) / 25))


def accuracy(model, data):
    with torch.no_grad():
        return (model(data.points).argmax(dim=1) == data.labels).float().mean().item()


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    train, val = Blobs(1000, seed), Blobs(400, seed + 100)
    model = nn.Sequential(nn.Linear(2, 20), nn.Tanh(), nn.Linear(20, 4))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loop(
        model,
        train,
        optimizer,
        12,
        lambda e, loss: print(f"{e}: loss {loss:.4f} acc {accuracy(model, val):.4f}"),
    )
    print(f"RESULT val_acc={accuracy(model, val):.4f}")


if __name__ == "__main__":
    main()
