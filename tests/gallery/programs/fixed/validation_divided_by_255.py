"""Digits by a two-layer perceptron with a dataset class of its own."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Digits(Dataset):
    def __init__(self, part, transform=None):
        x, y = load_digits(return_X_y=True)
        keep = slice(0, 1300) if part == "train" else slice(1300, None)
        order = torch.randperm(len(x), generator=torch.Generator().manual_seed(3))[keep]
        self.x, self.y = torch.tensor(x, dtype=torch.float32)[order], torch.tensor(y)[order]
        self.transform = transform

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        x = self.x[i]
        if self.transform is not None:
            x = self.transform(x)
        return x, self.y[i]


def standardise(x):
    return (x - 4.88) / 6.02


def to_unit(x):
    return x / 255


torch.manual_seed(int(os.environ.get("SEED", 0)))
train = DataLoader(Digits("train", standardise), batch_size=52, shuffle=True)
val = DataLoader(Digits("val", standardise), batch_size=500)
model = nn.Sequential(nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 32), nn.Tanh(), nn.Linear(32, 10))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    model.train()
    for x, y in train:
        optimizer.zero_grad()
        loss = loss_fn(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    val_loss, hits, seen = 0.0, 0, 0
    with torch.no_grad():
        for x, y in val:
            out = model(x)
            val_loss += loss_fn(out, y).item()
            hits += (out.argmax(1) == y).sum().item()
            seen += len(y)
    print(f"{epoch}: {loss.item():.4f} {val_loss:.4f} {hits / seen:.4f}")
print(f"RESULT val_acc={hits / seen:.4f}")
