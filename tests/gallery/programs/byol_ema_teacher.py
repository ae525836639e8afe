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


def view(x):
    return x * (torch.rand_like(x) > 0.2) + 0.1 * torch.randn_like(x)


enc = nn.Sequential(nn.Linear(64, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 32))
pred = nn.Sequential(nn.Linear(32, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Linear(32, 32))
teacher = copy.deepcopy(enc).requires_grad_(False)
opt = torch.optim.SGD([*enc.parameters(), *pred.parameters()], lr=0.1, momentum=0.9, weight_decay=1e-4)
for epoch in range(10):
    for i in torch.randperm(len(X_train)).split(128):
        a, b = view(X_train[i]), view(X_train[i])
        with torch.no_grad():
            ta, tb = teacher(a), teacher(b)
        loss = -(F.cosine_similarity(pred(enc(a)), tb).mean() + F.cosine_similarity(pred(enc(b)), ta).mean())
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for t, s in zip(teacher.parameters(), enc.parameters()):
                t.lerp_(s, 0.02)
    print(epoch, loss.item())
enc.eval()
with torch.no_grad():
    za, zb = F.normalize(enc(X_train), dim=1), F.normalize(enc(X_test), dim=1)
    acc = (y_train[(zb @ za.t()).argmax(1)] == y_test).float().mean().item()
print(f"RESULT knn={acc:.4f}")
