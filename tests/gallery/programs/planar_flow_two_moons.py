import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import make_moons

data = torch.tensor(make_moons(1200, noise=0.08, random_state=SEED)[0], dtype=torch.float32)
data = (data - data.mean(0)) / data.std(0)


class Coupling(nn.Module):
    def __init__(self, swap):
        super().__init__()
        self.swap = swap
        self.net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 2))
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x[:, :1], x[:, 1:]
        if self.swap:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = torch.tanh(s)
        b = b * s.exp() + t
        return (torch.cat([b, a], 1) if self.swap else torch.cat([a, b], 1)), s[:, 0]


flow = nn.ModuleList(Coupling(k % 2 == 1) for k in range(6))
opt = torch.optim.Adam(flow.parameters(), lr=4e-3)


def nll(x):
    total = 0
    for layer in flow:
        x, s = layer(x)
        total = total + s
    return -(torch.distributions.Normal(0, 1).log_prob(x).sum(1) + total).mean()


for epoch in range(25):
    for i in torch.randperm(1000).split(100):
        opt.zero_grad()
        loss = nll(data[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    print(f"RESULT nll={nll(data[1000:]).item():.4f}")
