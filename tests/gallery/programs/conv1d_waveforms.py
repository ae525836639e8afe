import os

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn, optim

seed = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(seed)
torch.manual_seed(seed)

t = np.linspace(0, 1, 96)
X, y = [], []
for i in range(1500):
    kind = i % 3
    f, phase = rng.uniform(3, 6), rng.uniform(0, 2 * np.pi)
    angle = 2 * np.pi * f * t + phase
    wave = [np.sin(angle), np.sign(np.sin(angle)), 2 * ((angle / (2 * np.pi)) % 1) - 1][kind]
    X.append(wave * rng.uniform(0.7, 1.3) + rng.normal(0, 0.3, t.shape))
    y.append(kind)
X = torch.tensor(np.array(X), dtype=torch.float32)[:, None]
y = torch.tensor(y)
order = torch.randperm(len(X))
train, test = order[:1200], order[1200:]

net = nn.Sequential(
    nn.Conv1d(1, 16, 7, padding=3),
    nn.ReLU(),
    nn.MaxPool1d(2),
    nn.Conv1d(16, 32, 5, padding=2),
    nn.ReLU(),
    nn.MaxPool1d(2),
    nn.Conv1d(32, 32, 3, padding=1),
    nn.ReLU(),
    nn.AdaptiveAvgPool1d(1),
    nn.Flatten(),
    nn.Linear(32, 3),
)
opt = optim.RMSprop(net.parameters(), lr=1e-3)
for epoch in range(12):
    for idx in train[torch.randperm(len(train))].split(50):
        loss = F.cross_entropy(net(X[idx]), y[idx])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X[test]).argmax(1) == y[test]).float().mean()
    print(f"{epoch:2d}  {loss.item():.3f}  {acc:.3f}")
print(f"RESULT val_acc={acc.item():.4f}")
