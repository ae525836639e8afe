import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.randn(1000, 5)
target = torch.sin(2 * x[:, :1]) + x[:, 1:2] * x[:, 2:3]


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(5, 64), nn.Linear(64, 64), nn.Linear(64, 1)

    def forward(self, x):
        h = torch.tanh(self.l1(x))
        h = torch.tanh(self.l2(h))
        return self.l3(h)


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=4e-3)
for epoch in range(30):
    for rows in torch.randperm(800).split(40):
        opt.zero_grad()
        loss = F.mse_loss(model(x[rows]), target[rows])
        loss.backward()
        opt.step()
    if epoch % 6 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (F.mse_loss(model(x[800:]), target[800:]) / target[800:].var()).item()
print(f"RESULT r2={r2:.4f}")
