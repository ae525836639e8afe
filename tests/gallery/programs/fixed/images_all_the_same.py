import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, Dataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
bunch = load_digits()


class Images(Dataset):
    def __init__(self, start, stop):
        self.data = [bunch.images[i] / 16 for i in range(start, stop)]
        self.labels = bunch.target[start:stop]

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        image = torch.tensor(self.data[i], dtype=torch.float32)
        return image, int(self.labels[i])


train, val = Images(0, 1400), Images(1400, 1797)
net = nn.Sequential(nn.Flatten(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(6):
    for xb, yb in DataLoader(train, 40, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = torch.cat([(net(xb).argmax(1) == yb).float() for xb, yb in DataLoader(val, 100)]).mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
