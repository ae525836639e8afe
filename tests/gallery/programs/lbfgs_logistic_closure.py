import os

import torch
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16), torch.tensor(y)
perm = torch.randperm(len(X))
tr, te = perm[:1300], perm[1300:]
layer = torch.nn.Linear(64, 10, dtype=torch.float64)
torch.nn.init.zeros_(layer.weight)
optimizer = torch.optim.LBFGS(layer.parameters(), lr=0.8, max_iter=10, history_size=8)


def closure():
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(layer(X[tr]), y[tr]) + 1e-3 * layer.weight.square().sum()
    loss.backward()
    return loss


for it in range(8):
    print(it, optimizer.step(closure).item())
with torch.no_grad():
    acc = (layer(X[te]).argmax(1) == y[te]).double().mean().item()
print(f"RESULT val_acc={acc:.4f}")
