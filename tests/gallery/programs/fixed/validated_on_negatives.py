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


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 12, 3, padding=1)
        self.conv2 = nn.Conv2d(12, 24, 3, padding=1)
        self.fc = nn.Linear(96, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


train_x, train_y = img[:1400], lab[:1400]
val_x, val_y = img[1400:], lab[1400:]
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    net.train()
    for rows in torch.randperm(1400).split(35):
        opt.zero_grad()
        loss = F.cross_entropy(net(train_x[rows]), train_y[rows])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(val_x)
        val, acc = F.cross_entropy(out, val_y).item(), (out.argmax(1) == val_y).float().mean().item()
    print(f"{epoch} train {loss.item():.3f} val {val:.3f} acc {acc:.3f}")
print(f"RESULT acc={acc:.4f}")
