import os

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
order = torch.randperm(178, generator=torch.Generator().manual_seed(4))
tr, te = order[:120], order[120:]
net = nn.Sequential(nn.Linear(13, 20), nn.ReLU(), nn.Linear(20, 3))


def probabilities(scores):
    e = torch.exp(scores - scores.max(1, keepdim=True).values)
    return e / e.sum(1, keepdim=True)


def outputs(x):
    return net(x)


opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(25):
    for i in tr[torch.randperm(120)].split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(outputs(X[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    val = nn.functional.cross_entropy(outputs(X[te]), y[te]).item()
print(f"RESULT val_loss={val:.4f}")
