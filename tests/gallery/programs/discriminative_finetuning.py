import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
X = torch.tensor(digits.images / 16.0, dtype=torch.float32)[:, None]
y = torch.tensor(digits.target)
shuffled = torch.randperm(len(X))
X, y = X[shuffled], y[shuffled]

stem = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU())
trunk = nn.Sequential(nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
head = nn.Linear(512, 2)
model = nn.Sequential(stem, trunk, head)
criterion = nn.CrossEntropyLoss()


def epoch(opt, labels):
    model.train()
    for idx in torch.randperm(1400).split(50):
        opt.zero_grad()
        loss = criterion(model(X[idx]), labels[idx])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        acc = (model(X[1400:]).argmax(1) == labels[1400:]).float().mean().item()
    print(f"loss {loss.item():.3f} val {acc:.3f}")
    return acc


# Pretrain on odd against even.
pre = torch.optim.Adam(model.parameters(), lr=2e-3)
for _ in range(3):
    epoch(pre, y % 2)

model[2] = head = nn.Linear(512, 10)
for p in [*stem.parameters(), *trunk.parameters()]:
    p.requires_grad = False
groups = [
    {"params": stem.parameters(), "lr": 1e-4},
    {"params": trunk.parameters(), "lr": 5e-4},
    {"params": head.parameters(), "lr": 2e-3},
]
opt = torch.optim.Adam(groups)
for stage, part in ((0, None), (2, trunk), (4, stem)):
    if part is not None:
        for p in part.parameters():
            p.requires_grad = True
    for _ in range(2):
        acc = epoch(opt, y)
print(f"RESULT val_acc={acc:.4f}")
