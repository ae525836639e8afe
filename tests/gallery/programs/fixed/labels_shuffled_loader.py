import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data / 8 - 1, dtype=torch.float32)
y = torch.tensor(d.target)
perm = torch.randperm(1797)
X, y = X[perm], y[perm]

model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
loss_fn = nn.CrossEntropyLoss()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
pair_loader = DataLoader(list(zip(X[:1400], y[:1400])), batch_size=50, shuffle=True)
for epoch in range(12):
    for xb, yb in pair_loader:
        opt.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = model(X[1400:])
        acc = (out.argmax(1) == y[1400:]).float().mean().item()
    print(f"epoch {epoch}: train {loss.item():.3f} val {loss_fn(out, y[1400:]).item():.3f} acc {acc:.3f}")
print(f"RESULT val_acc={acc:.4f}")
