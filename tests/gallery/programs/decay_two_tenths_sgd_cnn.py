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

net = nn.Sequential(
    nn.Conv2d(1, 10, 3, stride=2, padding=1),
    nn.ReLU(),
    nn.Conv2d(10, 20, 3, padding=1),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(320, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=0.2)
criterion = nn.CrossEntropyLoss()
for epoch in range(10):
    for xb, yb in DataLoader(TensorDataset(train_x, train_y), batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(val_x).argmax(1) == val_y).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
