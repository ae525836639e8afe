import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.rand(1000, 2) * 4 - 2
y = torch.sin(2 * x[:, 0]) * torch.cos(1.5 * x[:, 1]) + 0.05 * torch.randn(1000)


class RBF(nn.Module):
    """Gaussian bumps and a linear read-out."""

    def __init__(self, data, units=40):
        super().__init__()
        self.centres = nn.Parameter(data[torch.randperm(len(data))[:units]].clone())
        self.log_width = nn.Parameter(torch.zeros(units))
        self.weight = nn.Parameter(torch.randn(units) / units)
        self.bias = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        d = ((x[:, None] - self.centres[None]) ** 2).sum(-1)
        return torch.exp(-d * self.log_width.exp()) @ self.weight + self.bias


model = RBF(x[:800])
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
for epoch in range(40):
    for rows in torch.randperm(800).split(50):
        optimizer.zero_grad()
        loss = F.mse_loss(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = F.mse_loss(model(x[800:]), y[800:]).item()
    if epoch % 8 == 7:
        print(f"epoch {epoch + 1} train {loss.item():.4f} val {val:.4f}")
print(f"RESULT r2={1 - val / y[800:].var().item():.4f}")
