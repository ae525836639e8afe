import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

x = torch.randn(700, 5)
risk = x[:, 0] - 0.7 * x[:, 1] * x[:, 2]
time = -torch.log(torch.rand(700)) * torch.exp(-risk)
seen = (torch.rand(700) < 0.7).float()
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=3e-3, weight_decay=1e-3)


def cox(score, time, seen):
    order = time.argsort(descending=True)
    score, seen = score[order], seen[order]
    return -((score - torch.logcumsumexp(score, 0)) * seen).sum() / seen.sum()


for epoch in range(25):
    for i in torch.randperm(560).split(112):
        opt.zero_grad()
        loss = cox(net(x[i])[:, 0], time[i], seen[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    s, t = net(x[560:])[:, 0], time[560:]
pairs = t[:, None] < t[None]
print(f"RESULT concordance={(s[:, None] > s[None])[pairs].float().mean().item():.4f}")
