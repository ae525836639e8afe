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
net = nn.Sequential(
    nn.Linear(30, 64), nn.GELU(), nn.Dropout(0.1), nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 1)
)
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
for epoch in range(30):
    net.train()
    for j in torch.randperm(len(X_tr)).split(16):
        opt.zero_grad()
        F.binary_cross_entropy_with_logits(net(X_tr[j]).squeeze(1), y_tr[j]).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        p = net(X_va).squeeze(1)
        print(epoch, F.binary_cross_entropy_with_logits(p, y_va).item())
print(f"RESULT val_acc={((p > 0) == (y_va > 0.5)).float().mean().item():.4f}")
