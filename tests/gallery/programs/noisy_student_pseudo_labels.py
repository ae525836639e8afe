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


def fit(net, X, y, epochs):
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(epochs):
        net.train()
        for i in torch.randperm(len(X)).split(32):
            opt.zero_grad()
            loss = F.cross_entropy(net(X[i]), y[i])
            loss.backward()
            opt.step()
    net.eval()
    return net


make = lambda: nn.Sequential(
    nn.Dropout(0.1), nn.Linear(64, 80), nn.ReLU(), nn.Dropout(0.3), nn.Linear(80, 10)
)
teacher = fit(make(), X_train[:250], y_train[:250], 25)
with torch.no_grad():
    p, guess = torch.softmax(teacher(X_train[250:]), 1).max(1)
sure = p > 0.6
student = fit(
    make(), torch.cat([X_train[:250], X_train[250:][sure]]), torch.cat([y_train[:250], guess[sure]]), 12
)
with torch.no_grad():
    acc = (student(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
