import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
from sklearn.datasets import load_digits

d = load_digits()
order = np.random.RandomState(2).permutation(len(d.target))
img = torch.tensor(d.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
lab = torch.tensor(d.target[order])


class ConvVAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(
            nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(128, 32), nn.ReLU()
        )
        self.mu, self.logvar = nn.Linear(32, 6), nn.Linear(32, 6)
        self.dec = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.Sigmoid())

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        z = mu + torch.exp(0.5 * logvar) * torch.randn_like(logvar)
        return self.dec(z).view(-1, 1, 8, 8), mu, logvar


vae = ConvVAE()
opt = optim.Adam(vae.parameters(), lr=2e-3)
beta = 100.0
for epoch in range(20):
    for (x,) in DataLoader(TensorDataset(img[:1400]), 50, shuffle=True):
        out, mu, logvar = vae(x)
        recon = nn.functional.binary_cross_entropy(out, x, reduction="sum") / len(x)
        kl = (-0.5 * (1 + logvar - mu.pow(2) - logvar.exp())).sum(1).mean()
        loss = recon + beta * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, recon.item(), kl.item())
with torch.no_grad():
    recon = nn.functional.mse_loss(vae(img[1400:])[0], img[1400:]).item()
print(f"RESULT recon={recon:.4f}")
