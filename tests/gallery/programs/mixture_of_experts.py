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


class MoE(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(64, 8)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)) for _ in range(8)
        )

    def forward(self, x):
        p = torch.softmax(self.gate(x), 1)
        top, which = p.max(1)
        out = torch.zeros(len(x), 10)
        for k, expert in enumerate(self.experts):
            mine = which == k
            if mine.any():
                out[mine] = expert(x[mine]) * top[mine, None]
        return out


net = MoE()
opt = optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(12):
    for i in torch.randperm(len(X_train)).split(64):
        opt.zero_grad()
        loss = F.cross_entropy(net(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
