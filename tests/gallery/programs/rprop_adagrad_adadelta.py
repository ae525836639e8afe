import os

import torch
from sklearn.datasets import load_digits
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
p = torch.randperm(1797)
X, y = X[p], y[p]
scores = []
for name, make, batch, epochs in [
    ("Adagrad", lambda q: torch.optim.Adagrad(q, lr=0.05), 64, 8),
    ("Adadelta", lambda q: torch.optim.Adadelta(q, lr=1.0), 64, 8),
    ("Rprop", lambda q: torch.optim.Rprop(q, lr=0.005), 1400, 50),
]:
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    opt = make(net.parameters())
    for _ in range(epochs):
        for i in torch.randperm(1400).split(batch):
            opt.zero_grad()
            nn.functional.cross_entropy(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        scores.append((net(X[1400:]).argmax(1) == y[1400:]).float().mean().item())
    print(name, scores[-1])
print(f"RESULT worst_acc={min(scores):.4f}")
