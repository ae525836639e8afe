import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.tensor(load_digits().images / 16, dtype=torch.float32)[torch.randperm(1797)][:, None]


class VAE(nn.Module):
    def __init__(self, z=8):
        super().__init__()
        self.enc = nn.Sequential(
            nn.Conv2d(1, 16, 3, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten()
        )
        self.mu, self.logvar = nn.Linear(128, z), nn.Linear(128, z)
        self.dec = nn.Sequential(
            nn.Linear(z, 128),
            nn.ReLU(),
            nn.Unflatten(1, (32, 2, 2)),
            nn.ConvTranspose2d(32, 16, 4, 2, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 4, 2, 1),
        )

    def forward(self, x):
        h = self.enc(x)
        mu, logvar = self.mu(h), self.logvar(h)
        return self.dec(mu + torch.randn_like(mu) * (0.5 * logvar).exp()), mu, logvar


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=3e-3)
step = 0
for epoch in range(10):
    for i in torch.randperm(1500).split(50):
        out, mu, logvar = vae(X[i])
        recon = F.binary_cross_entropy_with_logits(out, X[i], reduction="sum") / len(i)
        kl = -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(1).mean()
        loss = recon + min(0.5, step / 300) * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
        step += 1
    print(epoch, recon.item(), kl.item())
with torch.no_grad():
    out, _, _ = vae(X[1500:])
    score = F.binary_cross_entropy_with_logits(out, X[1500:], reduction="sum").item() / 297
print(f"RESULT recon_bce={score:.4f}")
