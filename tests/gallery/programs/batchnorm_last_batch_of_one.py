import os

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_breast_cancer(return_X_y=True)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
train = TensorDataset(X[:401], y[:401])
loader = DataLoader(train, batch_size=40, shuffle=True)
net = nn.Sequential(nn.Linear(30, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
acc = float("nan")
try:
    for epoch in range(10):
        net.train()
        for xb, yb in loader:
            opt.zero_grad()
            loss = nn.functional.cross_entropy(net(xb), yb)
            loss.backward()
            opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(X[401:]).argmax(1) == y[401:]).float().mean().item()
except ValueError as error:
    print(error)
print(f"RESULT val_acc={acc:.4f}")
