import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)

from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(3).permutation(len(digits.target))
images = torch.tensor(digits.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(digits.target[order])
train_x, val_x, train_y, val_y = images[:1400], images[1400:], labels[:1400], labels[1400:]

net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1),
    nn.GroupNorm(4, 16),
    nn.ReLU(),
    nn.Conv2d(16, 16, 3, stride=2),
    nn.GroupNorm(4, 16),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(144, 10),
)
opt = optim.SGD(net.parameters(), lr=0.3)
for epoch in range(6):
    for i in torch.randperm(1400).split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(train_x[i]), train_y[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(val_x).argmax(1) == val_y).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
