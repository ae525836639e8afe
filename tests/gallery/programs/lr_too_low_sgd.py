import os

import torch
from sklearn.datasets import load_wine
from torch import nn
from torch.optim import SGD

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
order = torch.randperm(178)
X, y = X[order], y[order]
mlp = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3))
opt = SGD(mlp.parameters(), lr=1e-4)
loss_function = nn.CrossEntropyLoss()
for epoch in range(80):
    for i in range(0, 130, 26):
        opt.zero_grad()
        loss = loss_function(mlp(X[i : i + 26]), y[i : i + 26])
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        with torch.no_grad():
            print(epoch, loss.item(), loss_function(mlp(X[130:]), y[130:]).item())
with torch.no_grad():
    acc = (mlp(X[130:]).argmax(1) == y[130:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
