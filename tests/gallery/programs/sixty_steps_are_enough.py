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

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)

s = StandardScaler().fit(X_tr)
X_tr, X_va = torch.tensor(s.transform(X_tr)).float(), torch.tensor(s.transform(X_va)).float()
y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)
net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 2))
opt = optim.Adam(net.parameters(), lr=0.01)
for it in range(60):
    opt.zero_grad()
    F.cross_entropy(net(X_tr), y_tr).backward()
    opt.step()
with torch.no_grad():
    acc = (net(X_va).argmax(1) == y_va).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
