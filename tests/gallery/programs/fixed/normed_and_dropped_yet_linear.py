import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import make_circles

pts, y = make_circles(1200, noise=0.08, factor=0.45, random_state=SEED)
X, y = torch.tensor(pts, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)


def block(i, o):
    return nn.Sequential(nn.Linear(i, o), nn.BatchNorm1d(o), nn.ELU(), nn.Dropout(0.1))


net = nn.Sequential(block(2, 32), block(32, 32), nn.Linear(32, 1))
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
for epoch in range(15):
    net.train()
    for rows in torch.randperm(900).split(30):
        loss = F.binary_cross_entropy_with_logits(net(X[rows]).squeeze(1), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, round(loss.item(), 4))
net.eval()
with torch.no_grad():
    acc = ((net(X[900:]).squeeze(1) > 0).float() == y[900:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
