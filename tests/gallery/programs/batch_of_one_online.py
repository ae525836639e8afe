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
net = nn.Sequential(nn.Linear(30, 10), nn.Tanh(), nn.Linear(10, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.02)
for epoch in range(3):
    for k in np.random.permutation(len(X_tr)):
        opt.zero_grad()
        out = net(X_tr[k : k + 1])[0, 0]
        loss = F.softplus(-out if y_tr[k] else out)
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = ((net(X_va)[:, 0] > 0).numpy() == (y_va > 0)).mean()
print(f"RESULT val_acc={acc:.4f}")
