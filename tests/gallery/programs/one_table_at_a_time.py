import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
U, V, K = 100, 70, 3
p, q = torch.randn(U, K), torch.randn(V, K)
u, v = torch.randint(0, U, (5000,)), torch.randint(0, V, (5000,))
r = (p[u] * q[v]).sum(1) / 3**0.5 + 0.2 * torch.randn(5000)


class Factors(nn.Module):
    def __init__(self):
        super().__init__()
        self.user, self.film = nn.Embedding(U, 6), nn.Embedding(V, 6)
        nn.init.normal_(self.user.weight, std=0.5)
        nn.init.normal_(self.film.weight, std=0.5)

    def forward(self, u, v):
        return (self.user(u) * self.film(v)).sum(-1)


model = Factors()
optimizers = [torch.optim.Adam(part.parameters(), lr=0.03) for part in (model.user, model.film)]
for turn in range(16):
    model.user.requires_grad_(turn % 2 == 0)
    model.film.requires_grad_(turn % 2 == 1)
    optimizer = optimizers[turn % 2]
    for rows in torch.randperm(4200).split(70):
        optimizer.zero_grad()
        loss = F.mse_loss(model(u[rows], v[rows]), r[rows])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        rmse = F.mse_loss(model(u[4200:], v[4200:]), r[4200:]).sqrt().item()
    print(turn, loss.item(), rmse)
print(f"RESULT rmse={rmse:.4f}")
