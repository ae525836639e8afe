import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

r = np.random.RandomState(3)
X = r.randn(400, 12)
y = ((X[:, 0] + 1.2 * r.randn(400)) > 0).astype(int)
fresh, fresh_y = torch.tensor(X[200:], dtype=torch.float32), torch.tensor(y[200:])
X, y = X[:200], y[:200]
p = r.permutation(len(X))
X, y = torch.tensor(X[p], dtype=torch.float32), torch.tensor(y[p])
n = int(0.75 * len(X))
net = nn.Sequential(nn.Linear(12, 128), nn.ReLU(), nn.Linear(128, 2))
opt, epochs = torch.optim.Adam(net.parameters(), lr=1e-3), 4
for epoch in range(epochs):
    for i in torch.randperm(n).split(30):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = F.cross_entropy(net(X[n:]), y[n:]).item()
    print(epoch, loss.item(), val)
with torch.no_grad():
    a = (net(X[n:]).argmax(1) == y[n:]).float().mean().item()
    b = (net(fresh).argmax(1) == fresh_y).float().mean().item()
print(f"RESULT gap={a - b:.4f}")
