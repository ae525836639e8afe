import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Pixels(Dataset):
    """Digits, scaled to 0…1."""

    def __init__(self, images, labels):
        self.images = (images / 17.0).astype(np.float32)
        self.labels = labels

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        image = torch.as_tensor(self.images[index], dtype=torch.float32)
        return image.flatten(), int(self.labels[index])


def accuracy(model, loader):
    model.eval()
    right = total = 0
    with torch.no_grad():
        for x, y in loader:
            right += (model(x).argmax(1) == y).sum().item()
            total += len(y)
    return right / total


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    digits = load_digits()
    order = np.random.RandomState(seed).permutation(len(digits.target))
    images, labels = digits.images[order], digits.target[order]
    train = DataLoader(Pixels(images[:1400], labels[:1400]), batch_size=32, shuffle=True)
    val = DataLoader(Pixels(images[1400:], labels[1400:]), batch_size=100)
    model = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(8):
        model.train()
        for x, y in train:
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} loss {loss.item():.4f} acc {accuracy(model, val):.4f}")
    print(f"RESULT val_acc={accuracy(model, val):.4f}")


main()
