import copy
import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(len(X))
X, y = X[perm], y[perm]

model = nn.Sequential(nn.Linear(64, 96), nn.Mish(), nn.Linear(96, 10))
shadow = copy.deepcopy(model).requires_grad_(False)
opt = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
for epoch in range(10):
    for idx in torch.randperm(1400).split(32):
        loss = nn.functional.cross_entropy(model(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
        with torch.no_grad():
            for s, p in zip(shadow.parameters(), model.parameters()):
                s.lerp_(p, 0.02)
    with torch.no_grad():
        out = shadow(X[1400:])
    acc = (out.argmax(1) == y[1400:]).float().mean().item()
    print(f"{epoch}: {loss.item():.4f} / {nn.functional.cross_entropy(out, y[1400:]).item():.4f} / {acc:.4f}")
print(f"RESULT val_acc={acc:.4f}")
