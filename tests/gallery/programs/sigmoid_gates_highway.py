import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class Highway(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.h, self.t = nn.Linear(d, d), nn.Linear(d, d)
        nn.init.constant_(self.t.bias, -3.0)

    def forward(self, x):
        g = torch.sigmoid(self.t(x))
        return g * torch.relu(self.h(x)) + (1 - g) * x


net = nn.Sequential(nn.Linear(64, 40), *[Highway(40) for _ in range(12)], nn.Linear(40, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(10):
    for xb, yb in DataLoader(TensorDataset(X_train, y_train), 64, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
