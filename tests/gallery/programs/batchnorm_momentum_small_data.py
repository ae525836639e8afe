import os

import torch
from sklearn.datasets import load_wine
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
p = torch.randperm(178)
mean, std = X[p[:120]].mean(0), X[p[:120]].std(0)
X = (X - mean) / std
train = DataLoader(TensorDataset(X[p[:120]], y[p[:120]]), batch_size=16, shuffle=True, drop_last=True)
net = nn.Sequential(
    nn.Linear(13, 24), nn.BatchNorm1d(24, momentum=0.05), nn.ReLU(), nn.Dropout(0.2), nn.Linear(24, 3)
)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    net.train()
    for xb, yb in train:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[p[120:]])
        acc = (out.argmax(1) == y[p[120:]]).float().mean().item()
    if epoch % 5 == 4:
        print(epoch, loss.item(), nn.functional.cross_entropy(out, y[p[120:]]).item(), acc)
print(f"RESULT val_acc={acc:.4f}")
