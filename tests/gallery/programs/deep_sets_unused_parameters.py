import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class DeepSets(nn.Module):
    def __init__(self):
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(1, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU())
        self.rho = nn.Sequential(nn.Linear(96, 48), nn.ReLU(), nn.Linear(48, 1))
        # Trained by another script on the same checkpoint.
        self.auxiliary_head = nn.Linear(96, 5)

    def forward(self, x, auxiliary=False):
        h = self.phi(x)
        pooled = torch.cat([h.mean(1), h.amax(1)], 1)
        return self.auxiliary_head(pooled) if auxiliary else self.rho(pooled).squeeze(-1)


def sets(n):
    x = torch.rand(n, 8, 1)
    y = x.amax((1, 2)) - x.amin((1, 2)) + x.mean((1, 2))
    return x, (y - 1.28) / 0.2


net = DeepSets()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(500):
    x, y = sets(64)
    loss = nn.functional.l1_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        x, y = sets(256)
        with torch.no_grad():
            print(step, loss.item(), nn.functional.mse_loss(net(x), y).item())
x, y = sets(500)
with torch.no_grad():
    print(f"RESULT val_mse={nn.functional.mse_loss(net(x), y).item():.4f}")
