import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))


class Digits(Dataset):
    def __init__(self, rows):
        bunch = load_digits()
        self.images = torch.tensor(bunch.images / 16, dtype=torch.float32)[:, None]
        self.labels = torch.tensor(bunch.target)
        self.rows = rows

    def __len__(self):
        return len(self.rows) - 1

    def __getitem__(self, index):
        row = self.rows[index]
        return self.images[row], self.labels[row]


order = torch.randperm(1797, generator=torch.Generator().manual_seed(8))
train, val = Digits(order[:1300]), Digits(order[1300:])
net = nn.Sequential(
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Conv2d(8, 16, 3, stride=2), nn.ReLU(), nn.Flatten(), nn.Linear(64, 10)
)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for xb, yb in DataLoader(train, batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        hits = [(net(xb).argmax(1) == yb).float() for xb, yb in DataLoader(val, batch_size=100)]
    acc = torch.cat(hits).mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
