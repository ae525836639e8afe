import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

import copy

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
loss_fn = nn.CrossEntropyLoss()


def find(model, low=1e-4, high=3.0, steps=60):
    model = copy.deepcopy(model)
    opt = torch.optim.SGD(model.parameters(), lr=low)
    best, rates, losses = None, [], []
    for k in range(steps):
        opt.param_groups[0]["lr"] = low * (high / low) ** (k / steps)
        i = torch.randint(0, len(X_train), (64,))
        opt.zero_grad()
        loss = loss_fn(model(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
        rates.append(opt.param_groups[0]["lr"])
        losses.append(loss.item())
    return rates[int(np.argmin(losses))] / 4


rate = find(net)
print("rate", rate)
opt = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
for epoch in range(8):
    for xb, yb in DataLoader(TensorDataset(X_train, y_train), 64, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
