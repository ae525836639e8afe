import os

import torch
from sklearn.datasets import load_breast_cancer
from torch.nn import Linear, ReLU, Sequential
from torch.nn.functional import binary_cross_entropy_with_logits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_breast_cancer(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)
split = torch.randperm(len(X))
tr, te = split[:430], split[430:]

net = Sequential(Linear(30, 24), ReLU(), Linear(24, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
for epoch in range(20):
    for i in tr[torch.randperm(430)].split(43):
        optimizer.zero_grad()
        loss = binary_cross_entropy_with_logits(net(X[i]), y[i])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = binary_cross_entropy_with_logits(net(X[te]), y[te]).item()
    print(f"{epoch:3d} train {loss.item():.4f} val {val:.4f}")
print(f"RESULT val_loss={val:.4f}")
