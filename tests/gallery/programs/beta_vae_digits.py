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
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.mu, self.lv = nn.Linear(64, 48), nn.Linear(48, 8), nn.Linear(48, 8)
        self.dec = nn.Sequential(nn.Linear(8, 48), nn.ReLU(), nn.Linear(48, 64))

    def forward(self, x):
        h = F.relu(self.enc(x))
        mu, lv = self.mu(h), self.lv(h)
        z = mu + torch.randn_like(mu) * (0.5 * lv).exp()
        return self.dec(z), (0.5 * (mu**2 + lv.exp() - 1 - lv)).sum(1).mean()


net = VAE()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for i in torch.randperm(len(X_train)).split(64):
        rec, kl = net(X_train[i])
        loss = F.mse_loss(rec, X_train[i]) + 0.002 * kl
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item(), kl.item())
with torch.no_grad():
    print(f"RESULT val_mse={F.mse_loss(net(X_test)[0], X_test).item():.4f}")
