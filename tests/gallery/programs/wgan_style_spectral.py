import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

G = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 1))
D = nn.Sequential(
    nn.utils.parametrizations.spectral_norm(nn.Linear(1, 24)),
    nn.ReLU(),
    nn.utils.parametrizations.spectral_norm(nn.Linear(24, 1)),
)
bce = nn.BCEWithLogitsLoss()
og, od = (
    torch.optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.99)),
    torch.optim.Adam(D.parameters(), lr=4e-3, betas=(0.5, 0.99)),
)
one, zero = torch.ones(64, 1), torch.zeros(64, 1)
for it in range(500):
    real, fake = 1.5 + 0.5 * torch.randn(64, 1), G(torch.randn(64, 2))
    od.zero_grad()
    ld = bce(D(real), one) + bce(D(fake.detach()), zero)
    ld.backward()
    od.step()
    og.zero_grad()
    lg = bce(D(fake), one)
    lg.backward()
    og.step()
with torch.no_grad():
    print(f"RESULT mean_error={abs(G(torch.randn(2000, 2)).mean().item() - 1.5):.4f}")
