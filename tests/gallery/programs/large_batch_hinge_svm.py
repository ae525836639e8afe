import os

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
t = torch.tensor(2 * y - 1, dtype=torch.float32)
perm = torch.randperm(569)
tr, te = perm[:400], perm[400:]
svm = nn.Linear(30, 1)
opt = torch.optim.SGD(svm.parameters(), lr=0.05, weight_decay=0.01)
for epoch in range(120):
    for i in tr[torch.randperm(400)].split(200):
        margin = t[i] * svm(X[i]).squeeze(1)
        loss = torch.clamp(1 - margin, min=0).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 20 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = (svm(X[te]).squeeze(1).sign() == t[te]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
