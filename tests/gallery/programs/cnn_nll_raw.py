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


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 6, 3, padding=1), nn.Conv2d(6, 16, 3)
        self.f1, self.f2 = nn.Linear(16, 40), nn.Linear(40, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.c1(x)), 2)
        x = F.max_pool2d(torch.relu(self.c2(x)), 2)
        x = self.f2(torch.relu(self.f1(x.flatten(1))))
        return x


net = LeNet()
opt = optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(12):
    for k in torch.randperm(1400).split(35):
        opt.zero_grad()
        loss = F.nll_loss(net(train_x[k]), train_y[k])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(val_x).argmax(1) == val_y).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
