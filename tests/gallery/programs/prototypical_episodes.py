import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

enc = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 24))
opt = torch.optim.Adam(enc.parameters(), lr=2e-3)


def episode(X, y, classes, shots=5, asks=8):
    pick = np.random.choice(classes, 4, replace=False)
    s, q = [], []
    for c in pick:
        rows = (y == c).nonzero()[:, 0]
        rows = rows[torch.randperm(len(rows))]
        s.append(X[rows[:shots]])
        q.append(X[rows[shots : shots + asks]])
    proto = torch.stack([enc(k).mean(0) for k in s])
    out = -(torch.cdist(enc(torch.cat(q)), proto) ** 2)
    return out, torch.arange(4).repeat_interleave(asks)


for it in range(200):
    out, target = episode(X_train, y_train, range(7))
    loss = F.cross_entropy(out, target)
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    hits = [
        (o.argmax(1) == t).float().mean().item()
        for o, t in (episode(X_test, y_test, range(10)) for _ in range(20))
    ]
print(f"RESULT val_acc={np.mean(hits):.4f}")
