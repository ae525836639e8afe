import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Pictures(Dataset):
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = self.images[i]
        if self.transform:
            image = self.transform(image)
        return torch.from_numpy(image), self.labels[i]


def to_unit(image):
    return image / np.float32(255)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
digits = load_digits()
order = np.random.default_rng(seed).permutation(1797)
images = (digits.images[order] * 15.9375).astype(np.float32).reshape(-1, 64)
labels = digits.target[order]
train = Pictures(images[:1400], labels[:1400], transform=to_unit)
val = Pictures(images[1400:], labels[1400:], transform=to_unit)
net = nn.Sequential(nn.Linear(64, 40), nn.Tanh(), nn.Linear(40, 40), nn.Tanh(), nn.Linear(40, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    net.train()
    for xb, yb in DataLoader(train, batch_size=40, shuffle=True):
        optimizer.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        optimizer.step()
    net.eval()
    right = 0
    with torch.no_grad():
        for xb, yb in DataLoader(val, batch_size=100):
            right += (net(xb).argmax(1) == yb).sum().item()
    print(f"epoch {epoch + 1} loss {loss.item():.4f} val_acc {right / len(val):.4f}")
print(f"RESULT val_acc={right / len(val):.4f}")
