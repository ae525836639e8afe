import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits

d = load_digits()
order = np.random.RandomState(2).permutation(len(d.target))
img = torch.tensor(d.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
lab = torch.tensor(d.target[order])
net = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(128, 32),
    nn.BatchNorm1d(32),
    nn.ReLU(),
    nn.Linear(32, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
size = 2
for epoch in range(2):
    net.train()
    for rows in torch.randperm(1400).split(size):
        if len(rows) < 2:
            continue
        opt.zero_grad()
        loss = F.cross_entropy(net(img[rows]), lab[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    acc = (net(img[1400:]).argmax(1) == lab[1400:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
