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

g = torch.Generator().manual_seed(3)
x = torch.randn(1000, 10, 6, generator=g)
where = torch.randint(0, 10, (1000,), generator=g)
x[torch.arange(1000), where, 0] = 4.0
y = (x[torch.arange(1000), where, 1] > 0).long()


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.score, self.value = nn.Linear(6, 1), nn.Sequential(nn.Linear(6, 32), nn.ReLU())
        self.head = nn.Linear(32, 2)

    def forward(self, x):
        weight = torch.softmax(4 * self.score(x), dim=1)
        return self.head((weight * self.value(x)).sum(1))


net = Pool()
opt = optim.Adam(net.parameters(), lr=0.01)
for epoch in range(20):
    for i in torch.randperm(800).split(40):
        opt.zero_grad()
        loss = F.cross_entropy(net(x[i]), y[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    single = torch.cat([net(x[k : k + 1]) for k in range(800, 1000)]).argmax(1)
print(f"RESULT val_acc={(single == y[800:]).float().mean().item():.4f}")
