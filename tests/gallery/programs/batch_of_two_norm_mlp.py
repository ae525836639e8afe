import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)

s = StandardScaler().fit(X_tr)
X_tr, X_va = torch.tensor(s.transform(X_tr)).float(), torch.tensor(s.transform(X_va)).float()
y_tr, y_va = torch.tensor(y_tr), torch.tensor(y_va)
net = nn.Sequential(
    nn.Linear(30, 32),
    nn.BatchNorm1d(32),
    nn.ReLU(),
    nn.Linear(32, 16),
    nn.BatchNorm1d(16),
    nn.ReLU(),
    nn.Linear(16, 2),
)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
size, epochs = 2, 4
for epoch in range(epochs):
    net.train()
    for xb, yb in DataLoader(TensorDataset(X_tr, y_tr), size, shuffle=True, drop_last=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(X_va).argmax(1) == y_va).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
