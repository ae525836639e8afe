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

x = torch.randn(500, 8)
y = x @ torch.linspace(-2, 2, 8)[:, None] + 0.5 + 0.1 * torch.randn(500, 1)
model = nn.Linear(8, 1)
opt = optim.Adam(model.parameters(), lr=0.05)
for epoch in range(30):
    for i in torch.randperm(400).split(50):
        opt.zero_grad()
        loss = F.mse_loss(model(x[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    r2 = 1 - F.mse_loss(model(x[400:]), y[400:]).item() / y[400:].var().item()
print(f"RESULT r2={r2:.4f}")
