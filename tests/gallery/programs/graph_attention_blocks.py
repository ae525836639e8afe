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

n, k = 240, 4
block = torch.arange(n) % k
A = (torch.rand(n, n) < torch.where(block[:, None] == block[None], 0.12, 0.01)).float()
A = ((A + A.t() + torch.eye(n)) > 0).float()
feature = F.one_hot(block, k).float() * 0.5 + torch.randn(n, k)


class GAT(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.w, self.a, self.b = nn.Linear(i, o, bias=False), nn.Linear(o, 1), nn.Linear(o, 1)

    def forward(self, x):
        h = self.w(x)
        e = F.leaky_relu(self.a(h) + self.b(h).t(), 0.2).masked_fill(A == 0, -1e9)
        return torch.softmax(e, 1) @ h


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.two = GAT(k, 24), GAT(24, k)

    def forward(self, x):
        return self.two(F.dropout(F.elu(self.one(x)), 0.3, self.training))


net, mask = Net(), torch.rand(n) < 0.3
opt = optim.Adam(net.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(120):
    net.train()
    opt.zero_grad()
    loss = F.cross_entropy(net(feature)[mask], block[mask])
    loss.backward()
    opt.step()
    net.eval()
    with torch.no_grad():
        out = net(feature)
        val = F.cross_entropy(out[~mask], block[~mask]).item()
    if epoch % 20 == 0:
        print(epoch, loss.item(), val)
print(f"RESULT val_acc={(out[~mask].argmax(1) == block[~mask]).float().mean().item():.4f}")
