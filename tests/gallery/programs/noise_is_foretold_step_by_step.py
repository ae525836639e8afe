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
steps = 50
beta = torch.linspace(1e-3, 0.15, steps)
keep = torch.cumprod(1 - beta, 0)


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.time = nn.Embedding(steps, 32)
        self.a, self.b, self.c = nn.Linear(96, 128), nn.Linear(128, 128), nn.Linear(128, 64)

    def forward(self, x, t):
        h = F.silu(self.a(torch.cat([x, self.time(t)], 1)))
        return self.c(h + F.silu(self.b(h)))


net = Denoiser()
opt = torch.optim.AdamW(net.parameters(), lr=2e-3)
data = xa * 2 - 1
for epoch in range(30):
    for rows in torch.randperm(len(data)).split(64):
        t = torch.randint(0, steps, (len(rows),))
        noise = torch.randn(len(rows), 64)
        noisy = keep[t].sqrt()[:, None] * data[rows] + (1 - keep[t]).sqrt()[:, None] * noise
        loss = F.mse_loss(net(noisy, t), noise)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
print(f"RESULT loss={loss.item():.4f}")
