import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

rng = np.random.default_rng(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

digits = load_digits()
order = rng.permutation(len(digits.target))
train, val = order[:1400], order[1400:]
train = train[np.argsort(digits.target[train], kind="stable")]
x_train = torch.from_numpy(digits.data[train] / 16).float()
y_train = torch.from_numpy(digits.target[train]).long()
x_val = torch.from_numpy(digits.data[val] / 16).float()
y_val = torch.from_numpy(digits.target[val]).long()

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
sgd = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
BATCH = 35
epoch = 0
while epoch < 15:
    rows = torch.arange(len(x_train))
    start = 0
    while start < len(x_train):
        part = rows[start : start + BATCH]
        sgd.zero_grad()
        loss = nn.functional.cross_entropy(net(x_train[part]), y_train[part])
        loss.backward()
        sgd.step()
        start += BATCH
    epoch += 1
    with torch.no_grad():
        acc = (net(x_val).argmax(1) == y_val).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 4), "val_acc", round(acc, 4))
print(f"RESULT val_acc={acc:.4f}")
