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

P = 0.9
net = nn.Sequential(
    nn.Conv2d(1, 12, 3),
    nn.ReLU(),
    nn.Dropout(P),
    nn.Conv2d(12, 12, 3),
    nn.ReLU(),
    nn.Dropout(P),
    nn.Flatten(),
    nn.Linear(192, 32),
    nn.ReLU(),
    nn.Dropout(P),
    nn.Linear(32, 10),
)
opt = optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    net.train()
    for i in torch.randperm(1400).split(35):
        opt.zero_grad()
        loss = F.cross_entropy(net(train_x[i]), train_y[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(val_x)
    print(epoch, loss.item(), F.cross_entropy(out, val_y).item())
print(f"RESULT val_acc={(out.argmax(1) == val_y).float().mean().item():.4f}")
