import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)

s = StandardScaler().fit(X_tr)
X_tr, X_va = torch.tensor(s.transform(X_tr)).float(), torch.tensor(s.transform(X_va)).float()
y_tr, y_va = torch.tensor(y_tr).float(), torch.tensor(y_va).float()
net = nn.Sequential(nn.Linear(30, 12), nn.Tanh(), nn.Linear(12, 1), nn.Sigmoid(), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(20):
    for i in torch.randperm(len(X_tr)).split(32):
        opt.zero_grad()
        ((net(X_tr[i]) - y_tr[i]) ** 2).mean().backward()
        opt.step()
with torch.no_grad():
    acc = ((net(X_va) > 0.5) == (y_va > 0.5)).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
