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
G = nn.Sequential(nn.Linear(16, 64), nn.LeakyReLU(0.2), nn.Linear(64, 64), nn.Sigmoid())
D = nn.Sequential(nn.Linear(64, 64), nn.LeakyReLU(0.2), nn.Dropout(0.2), nn.Linear(64, 1))
gopt, dopt = (
    optim.Adam(G.parameters(), lr=1e-3, betas=(0.5, 0.99)),
    optim.Adam(D.parameters(), lr=1e-3, betas=(0.5, 0.99)),
)
bce = nn.BCEWithLogitsLoss()
real = img.flatten(1)
for it in range(500):
    for _ in range(2):
        x = real[torch.randint(0, len(real), (48,))]
        fake = G(torch.randn(48, 16)).detach()
        dloss = bce(D(x), torch.full((48, 1), 0.9)) + bce(D(fake), torch.zeros(48, 1))
        dopt.zero_grad()
        dloss.backward()
        dopt.step()
    gloss = bce(D(G(torch.randn(48, 16))), torch.ones(48, 1))
    gopt.zero_grad()
    gloss.backward()
    gopt.step()
    if it % 100 == 0:
        print(it, dloss.item(), gloss.item())
with torch.no_grad():
    spread = G(torch.randn(200, 16)).std(0).mean().item()
print(f"RESULT spread={spread:.4f}")
