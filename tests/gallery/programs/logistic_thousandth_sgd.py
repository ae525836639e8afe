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
model = nn.Linear(30, 1)
opt = torch.optim.SGD(model.parameters(), lr=1e-3)
for epoch in range(60):
    for i in torch.randperm(len(X_tr)).split(8):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(model(X_tr[i])[:, 0], y_tr[i]).backward()
        opt.step()
    with torch.no_grad():
        p = model(X_va)[:, 0]
        if epoch % 10 == 0:
            print(epoch, F.binary_cross_entropy_with_logits(p, y_va).item())
print(f"RESULT val_acc={((p > 0) == (y_va > 0.5)).float().mean().item():.4f}")
