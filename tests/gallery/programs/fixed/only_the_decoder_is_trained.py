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


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.h, self.mu, self.lv = nn.Linear(64, 64), nn.Linear(64, 6), nn.Linear(64, 6)

    def forward(self, x):
        h = torch.relu(self.h(x))
        return self.mu(h), self.lv(h)


encoder = Encoder()
decoder = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid())
params = [*encoder.parameters(), *decoder.parameters()]
opt = torch.optim.Adam(params, lr=3e-3)
for epoch in range(25):
    for rows in torch.randperm(len(xa)).split(50):
        x = xa[rows]
        mu, lv = encoder(x)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * lv)
        recon = decoder(z)
        bce = F.binary_cross_entropy(recon, x, reduction="sum") / len(x)
        kl = -0.5 * (1 + lv - mu**2 - lv.exp()).sum() / len(x)
        loss = bce + kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, bce.item(), kl.item())
with torch.no_grad():
    recon = F.mse_loss(decoder(encoder(xb)[0]), xb).item()
print(f"RESULT recon={recon:.4f}")
