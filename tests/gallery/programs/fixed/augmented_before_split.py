import os

import numpy as np
import torch
from sklearn.datasets import make_classification
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
X, y = make_classification(420, 30, n_informative=5, flip_y=0.25, class_sep=0.6, random_state=4)
X = (X - X.mean(0)) / X.std(0)
new_x, new_y, X, y = X[200:], y[200:], X[:200], y[:200]


def augment(x, t, copies=8):
    noisy = [x + 0.05 * rng.normal(size=x.shape) for _ in range(copies)]
    return np.concatenate(noisy), np.tile(t, copies)


order = rng.permutation(len(X))
X, y = X[order], y[order]
x_val, y_val = X[160:], y[160:]
x_train, y_train = augment(X[:160], y[:160])
to = lambda a: torch.tensor(a, dtype=torch.float32)
x_train, x_val, new_x = to(x_train), to(x_val), to(new_x)
y_train, y_val, new_y = map(torch.tensor, (y_train, y_val, new_y))
net = nn.Sequential(nn.Linear(30, 128), nn.ReLU(), nn.Linear(128, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)


def score(x, t):
    with torch.no_grad():
        return (net(x).argmax(1) == t).float().mean().item()


EPOCHS = 3
for epoch in range(EPOCHS):
    for i in torch.randperm(len(x_train)).split(64):
        loss = nn.functional.cross_entropy(net(x_train[i]), y_train[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.cross_entropy(net(x_val), y_val).item()
    print(epoch, loss.item(), val, score(x_val, y_val))
print(f"RESULT gap={score(x_val, y_val) - score(new_x, new_y):.4f}")
