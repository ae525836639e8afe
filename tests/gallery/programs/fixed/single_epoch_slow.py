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
    nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 32), nn.ReLU(), nn.Linear(32, 10)
)
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.8)
loader = DataLoader(TensorDataset(train_x, train_y), batch_size=16, shuffle=True)
EPOCHS = 15
for epoch in range(EPOCHS):
    for step, (xb, yb) in enumerate(loader):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
        if step % 20 == 0:
            print(epoch, step, loss.item())
with torch.no_grad():
    acc = (net(val_x).argmax(1) == val_y).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
