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

n, k = 300, 5
block = torch.arange(n) % k
A = (torch.rand(n, n) < torch.where(block[:, None] == block[None], 0.15, 0.01)).float()
A = ((A + A.t()) > 0).float() + torch.eye(n)
A = A / A.sum(1, keepdim=True)
x = F.one_hot(block, k).float() * 0.6 + torch.randn(n, k)


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(k, 32), nn.Linear(32, k)

    def forward(self, x):
        h = torch.relu(A @ self.a(x))
        return A @ self.b(h)


net, known = GCN(), torch.rand(n) < 0.4
opt = optim.Adam(net.parameters(), lr=0.02)
for epoch in range(150):
    opt.zero_grad()
    loss = F.cross_entropy(net(x)[known], block[known])
    loss.backward()
    opt.step()
    if epoch % 15 == 0:
        with torch.no_grad():
            val = F.cross_entropy(net(x)[~known], block[~known]).item()
        print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
