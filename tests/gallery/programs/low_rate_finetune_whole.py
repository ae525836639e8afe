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

body = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 48), nn.ReLU())


def train(head, y, groups, epochs):
    opt = optim.AdamW(groups)
    for epoch in range(epochs):
        for i in torch.randperm(len(X_train)).split(32):
            opt.zero_grad()
            loss = F.cross_entropy(head(body(X_train[i])), y[i])
            loss.backward()
            opt.step()
        print(epoch, loss.item())


old, new = nn.Linear(48, 2), nn.Linear(48, 10)
train(old, y_train % 2, [{"params": [*body.parameters(), *old.parameters()], "lr": 2e-3}], 6)
train(new, y_train, [{"params": body.parameters(), "lr": 5e-4}, {"params": new.parameters(), "lr": 3e-3}], 15)
with torch.no_grad():
    acc = (new(body(X_test)).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
