import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

import copy

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.student = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
        self.teacher = copy.deepcopy(self.student)

    def forward(self, x):
        with torch.no_grad():
            soft = self.teacher(x)
        return self.student(x + 0.1 * torch.randn_like(x)), soft


net = Both()
opt = torch.optim.Adam(net.student.parameters(), lr=3e-3)
for epoch in range(10):
    for i in torch.randperm(len(X_train)).split(48):
        out, soft = net(X_train[i])
        loss = F.cross_entropy(out, y_train[i]) + 0.1 * F.mse_loss(out, soft)
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for t, s in zip(net.teacher.parameters(), net.student.parameters()):
                t.lerp_(s, 0.05)
with torch.no_grad():
    acc = (net.teacher(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
