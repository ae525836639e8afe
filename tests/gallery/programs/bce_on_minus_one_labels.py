import os

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
t = torch.tensor(y, dtype=torch.float32) * 2 - 1
order = torch.randperm(569, generator=torch.Generator().manual_seed(5))
tr, te = order[:420], order[420:]
net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
criterion = nn.BCEWithLogitsLoss()
for epoch in range(12):
    for i in tr[torch.randperm(420)].split(30):
        opt.zero_grad()
        loss = criterion(net(X[i])[:, 0], t[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    val = nn.functional.binary_cross_entropy_with_logits(net(X[te])[:, 0], torch.tensor(y)[te].float()).item()
print(f"RESULT val_loss={val:.4f}")
