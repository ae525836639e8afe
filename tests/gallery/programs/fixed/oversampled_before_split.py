import os

import numpy as np
import torch
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
np.random.seed(seed)
X, y = make_classification(900, 20, n_informative=6, weights=[0.9], flip_y=0.1, class_sep=0.5, random_state=2)
X = ((X - X.mean(0)) / X.std(0)).astype("float32")
X, X_new, y, y_new = train_test_split(X, y, test_size=0.4, random_state=seed, stratify=y)


def balance(X, y):
    rare = np.flatnonzero(y == 1)
    extra = np.random.choice(rare, (y == 0).sum() - len(rare))
    keep = np.concatenate([np.arange(len(y)), extra])
    return X[keep], y[keep]


X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
X_tr, y_tr = balance(X_tr, y_tr)
X_tr, X_va, X_new = map(torch.tensor, (X_tr, X_va, X_new))
y_tr, y_va, y_new = map(torch.tensor, (y_tr, y_va, y_new))
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(model.parameters(), lr=3e-3)


def recall(x, t):
    with torch.no_grad():
        hit = model(x).argmax(1) == t
    return hit[t == 1].float().mean().item()


EPOCHS = 6
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, EPOCHS)
for epoch in range(EPOCHS):
    for i in torch.randperm(len(X_tr)).split(40):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(X_tr[i]), y_tr[i])
        loss.backward()
        opt.step()
    schedule.step()
    with torch.no_grad():
        val = nn.functional.cross_entropy(model(X_va), y_va).item()
    print(epoch, loss.item(), val, recall(X_va, y_va))
print(f"RESULT gap={recall(X_va, y_va) - recall(X_new, y_new):.4f}")
