import os

import numpy as np
import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(1000, 6, noise=0.5, random_state=3)
y = (y - y.mean()) / y.std()
y = np.random.default_rng(int(os.environ.get("SEED", 0))).permutation(y)
X, y = torch.tensor(X * 2 - 1, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
w1 = (torch.randn(6, 50) * 0.4).requires_grad_()
b1 = torch.zeros(50, requires_grad=True)
w2 = (torch.randn(50, 1) * 0.15).requires_grad_()
b2 = torch.zeros(1, requires_grad=True)


def model(x):
    return (torch.relu(x @ w1 + b1) @ w2 + b2).squeeze(1)


opt = torch.optim.Adam([w1, b1, w2, b2], lr=5e-3)
for epoch in range(30):
    for i in torch.randperm(800).split(40):
        loss = ((model(X[i]) - y[i]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    val = ((model(X[800:]) - y[800:]) ** 2).mean().item()
print(loss.item(), val)
print(f"RESULT r2={1 - val / y[800:].var().item():.4f}")
