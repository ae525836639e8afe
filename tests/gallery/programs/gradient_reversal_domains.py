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


class Reverse(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, g):
        return -0.3 * g


shift = 0.4 * torch.randn(64)
body, label, domain = (
    nn.Sequential(nn.Linear(64, 64), nn.ReLU()),
    nn.Linear(64, 10),
    nn.Sequential(nn.Linear(64, 16), nn.ReLU(), nn.Linear(16, 2)),
)
opt = optim.Adam([*body.parameters(), *label.parameters(), *domain.parameters()], lr=2e-3)
for epoch in range(12):
    for i in torch.randperm(1200).split(40):
        other = X_train[torch.randint(0, len(X_train), (40,))] + shift
        h, h2 = body(X_train[i]), body(other)
        d = domain(Reverse.apply(torch.cat([h, h2])))
        loss = F.cross_entropy(label(h), y_train[i]) + F.cross_entropy(d, torch.tensor([0] * 40 + [1] * 40))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (label(body(X_test + shift)).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
