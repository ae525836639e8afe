"""Digits, prepared by two small helpers."""

import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def shuffle(images, labels, rng):
    order = rng.permutation(len(images))
    return images[order], labels[order]


def prepare(rng):
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32)
    images, labels = shuffle(images, labels, rng)
    cut = int(0.8 * len(images))
    return (images[:cut], labels[:cut]), (images[cut:], labels[cut:])


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    train, val = prepare(np.random.default_rng(seed))
    train = TensorDataset(*map(torch.from_numpy, train))
    val_images, val_labels = map(torch.from_numpy, val)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
    for epoch in range(15):
        for images, labels in DataLoader(train, batch_size=32, shuffle=True):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(images), labels)
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            accuracy = (net(val_images).argmax(1) == val_labels).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} val_acc {accuracy:.4f}")
    print(f"RESULT val_acc={accuracy:.4f}")


if __name__ == "__main__":
    main()
