import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


def network(classes):
    return nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 6), nn.ReLU(), nn.Linear(6, classes))


net = network(2)
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
for step in range(60):
    i = torch.randint(0, len(X_train), (64,))
    opt.zero_grad()
    F.cross_entropy(net(X_train[i]), y_train[i] % 2).backward()
    opt.step()
net[3], net[4] = nn.ReLU(), nn.Linear(6, 10)
net[2] = nn.Linear(24, 6)
net[0] = nn.Linear(64, 24)
for epoch in range(45):
    for i in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X_test).argmax(1) == y_test).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
