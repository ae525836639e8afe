import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.rand(1500, 2) * 4 - 2
y = torch.sin(3 * X[:, :1]) * torch.cos(2 * X[:, 1:]) + 0.05 * torch.randn(1500, 1)
model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 1))
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(40):
    for i in torch.randperm(1200).split(60):
        loss = nn.functional.mse_loss(model(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.mse_loss(model(X[1200:]), y[1200:]).item()
print(loss.item(), val)
print(f"RESULT r2={1 - val / y[1200:].var().item():.4f}")
