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


def backprop(model, loss):
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 5.0)


def reset(model):
    for p in model.parameters():
        p.grad = torch.zeros_like(p)


def train(model, opt, epochs=8):
    for epoch in range(epochs):
        for i in torch.randperm(len(X_train)).split(40):
            loss = F.cross_entropy(model(X_train[i]), y_train[i])
            backprop(model, loss)
            reset(model)
            opt.step()
        print(epoch, loss.item())


model = nn.Sequential(nn.Linear(64, 50), nn.ELU(), nn.Linear(50, 10))
train(model, optim.SGD(model.parameters(), lr=0.2))
with torch.no_grad():
    acc = (model(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
