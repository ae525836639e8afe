import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import make_circles

x, y = make_circles(1200, noise=0.08, factor=0.5, random_state=SEED)
x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)


class Equilibrium(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.inject = nn.Linear(2, width)
        self.again = nn.Linear(width, width, bias=False)
        self.read = nn.Linear(width, 2)
        nn.init.orthogonal_(self.again.weight, gain=0.5)

    def step(self, z, u):
        return torch.tanh(self.again(z) + u)

    def forward(self, x):
        u = self.inject(x)
        with torch.no_grad():
            z = torch.zeros_like(u)
            for _ in range(15):
                z = self.step(z, u)
        z = self.step(z, u)
        return self.read(z)


net = Equilibrium()
opt = torch.optim.Adam(net.parameters(), lr=8e-3)
for epoch in range(15):
    for rows in torch.randperm(1000).split(40):
        opt.zero_grad()
        loss = F.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(x[1000:]).argmax(1) == y[1000:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"RESULT acc={acc:.4f}")
