import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
users, films, k = 90, 70, 5
A, B = torch.randn(users, 3), torch.randn(films, 3)
u, f = torch.randint(0, users, (5000,)), torch.randint(0, films, (5000,))
stars = 3.2 + (A[u] * B[f]).sum(1) * 0.7 + 0.2 * torch.randn(5000)
P = nn.Parameter(0.3 * torch.randn(users, k))
Q = nn.Parameter(0.3 * torch.randn(films, k))
mean = nn.Parameter(torch.zeros(1))
opt = torch.optim.Adam([P, Q, mean], lr=0.02)
for epoch in range(25):
    for rows in torch.randperm(4000).split(100):
        guess = mean + (P[u[rows]] * Q[f[rows]]).sum(1)
        loss = ((guess - stars[rows]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    rmse = ((mean + (P[u[4000:]] * Q[f[4000:]]).sum(1) - stars[4000:]) ** 2).mean().sqrt().item()
print(f"RESULT rmse={rmse:.4f}")
