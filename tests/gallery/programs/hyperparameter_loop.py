import itertools
import os

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = load_wine()
X = torch.tensor((data.data - data.data.mean(0)) / data.data.std(0), dtype=torch.float32)
y = torch.tensor(data.target)
order = torch.randperm(len(X))
tr, va = order[:120], order[120:]


def train(width, lr):
    net = nn.Sequential(nn.Linear(13, width), nn.ReLU(), nn.Linear(width, 3))
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    for _ in range(30):
        for i in tr[torch.randperm(120)].split(20):
            opt.zero_grad()
            nn.functional.cross_entropy(net(X[i]), y[i]).backward()
            opt.step()
    with torch.no_grad():
        return (net(X[va]).argmax(1) == y[va]).float().mean().item()


best = 0.0
for width, lr in itertools.product([8, 32], [1e-3, 3e-3, 1e-2]):
    acc = train(width, lr)
    best = max(best, acc)
    print(f"width {width} lr {lr}: {acc:.4f}")
print(f"RESULT best_acc={best:.4f}")
