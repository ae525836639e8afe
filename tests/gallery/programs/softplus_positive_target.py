import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

x = torch.randn(1000, 5)
mean = torch.exp(0.6 * x[:, 0] - 0.4 * x[:, 1] + 0.3)
y = mean * torch.distributions.Gamma(8.0, 8.0).sample((1000,))
net = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Linear(32, 1), nn.Softplus(), nn.Flatten(0))
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(25):
    for i in torch.randperm(800).split(40):
        p = net(x[i]) + 1e-4
        loss = (y[i] / p + torch.log(p)).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - ((net(x[800:]) - mean[800:]) ** 2).mean().item() / mean[800:].var().item()
print(f"RESULT r2={r2:.4f}")
