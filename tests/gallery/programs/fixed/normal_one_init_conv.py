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


def init(module):
    if isinstance(module, (nn.Conv2d, nn.Linear)):
        nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
        nn.init.zeros_(module.bias)


net = nn.Sequential(
    nn.Conv2d(1, 16, 3),
    nn.ReLU(),
    nn.Conv2d(16, 16, 3),
    nn.ReLU(),
    nn.Flatten(),
    nn.Linear(256, 64),
    nn.ReLU(),
    nn.Linear(64, 10),
)
net.apply(init)
opt = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(8):
    for i in torch.randperm(1400).split(40):
        loss = F.cross_entropy(net(train_x[i]), train_y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(val_x)
        print(epoch, loss.item(), F.cross_entropy(out, val_y).item())
print(f"RESULT val_acc={(out.argmax(1) == val_y).float().mean().item():.4f}")
