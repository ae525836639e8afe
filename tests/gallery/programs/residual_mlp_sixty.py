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


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.f, self.gate = nn.Linear(d, d), nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return x + self.gate * torch.relu(self.f(x))


net = nn.Sequential(nn.Linear(64, 32), *[Block(32) for _ in range(60)], nn.Linear(32, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(8):
    for i in torch.randperm(len(X_train)).split(64):
        opt.zero_grad()
        loss = F.cross_entropy(net(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
