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


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(8, 4) for _ in range(3))

    def forward(self, x):
        return torch.softmax(self.q(x) @ self.k(x).transpose(1, 2) / 2, -1) @ self.v(x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleList(Head() for _ in range(2))
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        rows = x.view(-1, 8, 8)
        return self.out(torch.cat([h(rows) for h in self.heads], -1).flatten(1))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(12):
    for i in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        F.cross_entropy(net(X_train[i]), y_train[i]).backward()
        opt.step()
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
