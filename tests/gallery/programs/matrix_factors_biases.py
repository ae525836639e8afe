import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

users, items = torch.randint(0, 60, (4000,)), torch.randint(0, 40, (4000,))
u0, v0 = torch.randn(60, 3), torch.randn(40, 3)
rating = ((u0[users] * v0[items]).sum(1) * 0.6 + 3 + 0.4 * torch.randn(4000)).clamp(1, 5)


class Factors(nn.Module):
    def __init__(self, k=6):
        super().__init__()
        self.u, self.v = nn.Embedding(60, k), nn.Embedding(40, k)
        self.bu, self.bv, self.mean = (
            nn.Embedding(60, 1),
            nn.Embedding(40, 1),
            nn.Parameter(torch.tensor(3.0)),
        )
        for e in (self.u, self.v, self.bu, self.bv):
            nn.init.normal_(e.weight, std=0.1)

    def forward(self, a, b):
        return (self.u(a) * self.v(b)).sum(1) + self.bu(a)[:, 0] + self.bv(b)[:, 0] + self.mean


net = Factors()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(25):
    for i in torch.randperm(3500).split(100):
        loss = ((net(users[i], items[i]) - rating[i]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    rmse = ((net(users[3500:], items[3500:]) - rating[3500:]) ** 2).mean().sqrt().item()
print(f"RESULT rmse={rmse:.4f}")
