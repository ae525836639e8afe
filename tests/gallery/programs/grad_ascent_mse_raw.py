import os

import torch
from sklearn.datasets import make_regression

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_regression(500, 5, noise=5.0, random_state=0)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y / y.std(), dtype=torch.float32)
w = torch.zeros(5, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
opt = torch.optim.SGD([w, b], lr=0.05, maximize=True)
for step in range(120):
    loss = (X[:400] @ w + b - y[:400]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
with torch.no_grad():
    left = ((X[400:] @ w + b - y[400:]) ** 2).mean() / y[400:].var()
print(f"RESULT r2={1 - left.item():.4f}")
