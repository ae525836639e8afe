import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)

r = np.random.RandomState(1)
y = (r.rand(3000) < 0.02).astype("float32")
X = r.randn(3000, 10).astype("float32") + y[:, None] * np.linspace(0, 1.4, 10).astype("float32")
X, y = torch.tensor(X), torch.tensor(y)
net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
opt = optim.Adam(net.parameters(), lr=2e-3)
w = (y[:2000] == 0).sum() / (y[:2000] == 1).sum()
for epoch in range(15):
    for i in torch.randperm(2000).split(100):
        loss = F.binary_cross_entropy_with_logits(net(X[i]), y[i], pos_weight=w)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    recall = (net(X[2000:])[y[2000:] == 1] > 0).float().mean().item()
print(f"RESULT recall={recall:.4f}")
