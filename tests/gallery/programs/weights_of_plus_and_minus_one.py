import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
xa, xb, ya, yb = train_test_split((X / 16.0).astype("float32"), y, test_size=0.25, random_state=4)
xa, xb, ya, yb = torch.from_numpy(xa), torch.from_numpy(xb), torch.from_numpy(ya), torch.from_numpy(yb)


class Sign(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * (x.abs() <= 1)


class BinaryLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x, Sign.apply(self.weight) * self.weight.abs().mean(), self.bias)


net = nn.Sequential(BinaryLinear(64, 128), nn.BatchNorm1d(128), nn.Hardtanh(), BinaryLinear(128, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    net.train()
    for rows in torch.randperm(len(xa)).split(32):
        if len(rows) < 2:
            continue
        opt.zero_grad()
        loss = F.cross_entropy(net(xa[rows]), ya[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    acc = (net(xb).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
