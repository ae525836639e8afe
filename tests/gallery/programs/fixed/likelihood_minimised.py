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

from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True, scaled=False)
X = (X - X.mean(0)) / X.std(0)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=2)
X_tr, X_va = torch.tensor(X_tr, dtype=torch.float32), torch.tensor(X_va, dtype=torch.float32)
y_tr, y_va = torch.tensor(y_tr, dtype=torch.float32), torch.tensor(y_va, dtype=torch.float32)

m, s = y_tr.mean(), y_tr.std()
y_tr, y_va = (y_tr - m) / s, (y_va - m) / s
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))


def log_likelihood(x, y):
    mean, raw = net(x).unbind(1)
    return torch.distributions.Normal(mean, F.softplus(raw) + 0.05).log_prob(y).mean()


opt = optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(25):
    for i in torch.randperm(len(X_tr)).split(32):
        opt.zero_grad()
        loss = -log_likelihood(X_tr[i], y_tr[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    nll = -log_likelihood(X_va, y_va).item()
print(f"RESULT nll={nll:.4f}")
