import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


class Cell(nn.Module):
    def __init__(self, n_in, n_hidden):
        super().__init__()
        self.wx = nn.Parameter(torch.randn(n_in, n_hidden))
        self.wh = nn.Parameter(torch.randn(n_hidden, n_hidden))
        self.b = nn.Parameter(torch.zeros(n_hidden))
        self.out = nn.Linear(n_hidden, 1)

    def forward(self, x):
        h = torch.zeros(len(x), len(self.b))
        for t in range(x.shape[1]):
            h = torch.tanh(x[:, t] @ self.wx + h @ self.wh + self.b)
        return self.out(h)


g = torch.Generator().manual_seed(1)
x = torch.rand(800, 20, 2, generator=g)
x[:, :, 1] = 0
for row, (i, j) in enumerate(torch.randint(0, 10, (800, 2), generator=g).tolist()):
    x[row, 10 + i, 1] = x[row, 10 + j, 1] = 1
y = (x[:, :, 0] * x[:, :, 1]).sum(1, keepdim=True)
net = Cell(2, 64)
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    for i in torch.randperm(700).split(35):
        opt.zero_grad()
        loss = F.mse_loss(net(x[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = F.mse_loss(net(x[700:]), y[700:]).item()
    print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
