import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
p = torch.randperm(1797)
tr, va = p[:1400], p[1400:]
members = [nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10)) for _ in range(5)]
optimizers = [torch.optim.Adam(m.parameters(), lr=4e-3) for m in members]
for epoch in range(8):
    for i in tr[torch.randperm(1400)].split(70):
        for member, opt in zip(members, optimizers):
            loss = nn.functional.cross_entropy(member(X[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        mean = torch.stack([m(X[va]).softmax(1) for m in members]).mean(0)
        acc = (mean.argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
