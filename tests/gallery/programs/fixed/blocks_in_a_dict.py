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


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        blocks = {"a": nn.Conv2d(1, 12, 3), "b": nn.Conv2d(12, 4, 3)}
        self.blocks = nn.ModuleDict(blocks)
        self.fc = nn.Linear(4 * 4 * 4, 10)

    def forward(self, x):
        for name in ("a", "b"):
            x = torch.tanh(self.blocks[name](x))
        return self.fc(F.dropout(x.flatten(1), 0.1, self.training))


net = Net()
opt = optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(10):
    net.train()
    for i in torch.randperm(1400).split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(train_x[i]), train_y[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(val_x).argmax(1) == val_y).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
