import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

rng = np.random.RandomState(4)
X = rng.randn(260, 20)
y = (X[:, 0] + X[:, 1] + 0.8 * rng.randn(260) > 0).astype(int)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y)
net = nn.Sequential(nn.Linear(20, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 2))
opt, epochs = torch.optim.Adam(net.parameters(), lr=1e-3), 200
for epoch in range(epochs):
    net.train()
    for i in torch.randperm(60).split(20):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        val = F.cross_entropy(net(X[60:]), y[60:]).item()
    if epoch % 10 == 0:
        print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
