import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
n = 480
X = torch.randn(n, 60)
y = (X[:, :4].sum(1) + 2.0 * torch.randn(n) > 0).long()
tx, ty, vx, vy = X[:80], y[:80], X[80:], y[80:]
model = nn.Sequential(nn.Linear(60, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 2))
opt = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=0.1)
for epoch in range(4):
    model.train()
    for rows in torch.randperm(80).split(16):
        opt.zero_grad()
        loss = F.cross_entropy(model(tx[rows]), ty[rows])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        val = F.cross_entropy(model(vx), vy).item()
    print(f"epoch {epoch}: train {loss.item():.4f} val {val:.4f}")
print(f"RESULT loss={val:.4f}")
