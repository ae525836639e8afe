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
    nn.Conv2d(1, 24, 3, padding=1),
    nn.BatchNorm2d(24),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.2),
    nn.Linear(384, 10),
)
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 200)
loader = DataLoader(TensorDataset(train_x, train_y), 64, shuffle=True)
step = 0
while step < 200:
    for xb, yb in loader:
        net.train()
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
        sched.step()
        step += 1
        if step == 200:
            break
net.eval()
with torch.no_grad():
    acc = (net(val_x).argmax(1) == val_y).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
