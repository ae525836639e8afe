import math
import os

import torch
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
x = torch.tensor(X / 16, dtype=torch.float32)
y = torch.tensor(y)
perm = torch.randperm(len(x))
x_train, y_train, x_valid, y_valid = x[perm[:1400]], y[perm[:1400]], x[perm[1400:]], y[perm[1400:]]

w1 = (torch.randn(64, 50) * math.sqrt(2 / 64)).requires_grad_()
b1 = torch.zeros(50, requires_grad=True)
w2 = (torch.randn(50, 10) * math.sqrt(1 / 50)).requires_grad_()
b2 = torch.zeros(10, requires_grad=True)


def log_softmax(z):
    return z - z.exp().sum(-1).log().unsqueeze(-1)


def model(xb):
    return log_softmax((xb @ w1 + b1).clamp_min(0.0) @ w2 + b2)


def nll(pred, target):
    return -pred[range(target.shape[0]), target].mean()


bs, lr = 64, 0.2
for epoch in range(20):
    order = torch.randperm(1400)
    for i in range((1400 - 1) // bs + 1):
        rows = order[i * bs : i * bs + bs]
        loss = nll(model(x_train[rows]), y_train[rows])
        loss.backward()
        with torch.no_grad():
            for p in (w1, b1, w2, b2):
                p -= p.grad * lr
                p.grad.zero_()
    if epoch % 4 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = (model(x_valid).argmax(1) == y_valid).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
