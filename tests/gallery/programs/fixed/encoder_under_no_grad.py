import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(3).permutation(len(digits.target))
images = torch.tensor(digits.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(digits.target[order])
train_x, val_x, train_y, val_y = images[:1400], images[1400:], labels[:1400], labels[1400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Tanh(), nn.AvgPool2d(3), nn.Flatten())
        self.head = nn.Linear(24, 10)

    def forward(self, x):
        h = self.encoder(x)
        return self.head(h)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(12):
    for xb, yb in DataLoader(TensorDataset(train_x, train_y), 50, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(val_x).argmax(1) == val_y).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
