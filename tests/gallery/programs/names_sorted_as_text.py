import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
import tempfile
from pathlib import Path

from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, Subset

digits = load_digits()
folder = tempfile.TemporaryDirectory()
for i, image in enumerate(digits.images[:1200]):
    np.save(Path(folder.name) / f"img_{i}.npy", image.astype(np.uint8))


class Folder(Dataset):
    def __init__(self, root, labels):
        names = sorted(os.listdir(root))
        self.images = [np.load(os.path.join(root, name)) for name in names]
        self.labels = labels

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return torch.from_numpy(self.images[i]).float()[None] / 16, int(self.labels[i])


data = Folder(folder.name, digits.target[:1200])
order = np.random.RandomState(0).permutation(len(data)).tolist()
train = DataLoader(Subset(data, order[:900]), batch_size=30, shuffle=True)
test = DataLoader(Subset(data, order[900:]), batch_size=100)
model = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(256, 64),
    nn.ReLU(),
    nn.Linear(64, 10),
)
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(12):
    model.train()
    for xb, yb in train:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    model.eval()
    losses, hits = [], []
    with torch.no_grad():
        for xb, yb in test:
            out = model(xb)
            losses.append(criterion(out, yb).item())
            hits.append((out.argmax(1) == yb).float().mean().item())
    print(f"epoch {epoch} train {loss.item():.3f} test {np.mean(losses):.3f} acc {np.mean(hits):.3f}")
print(f"RESULT acc={np.mean(hits):.4f}")
