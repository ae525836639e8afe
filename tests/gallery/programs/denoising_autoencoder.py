import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

images = torch.tensor(load_digits().data / 16.0, dtype=torch.float32)[torch.randperm(1797)]
loader = DataLoader(TensorDataset(images[:1500]), batch_size=50, shuffle=True)
held_out = images[1500:]


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(nn.Linear(64, 96), nn.GELU(), nn.Linear(96, 24))
        self.decode = nn.Sequential(nn.Linear(24, 96), nn.GELU(), nn.Linear(96, 64), nn.Sigmoid())

    def forward(self, x):
        return self.decode(self.encode(x))


net = Denoiser()
adam = torch.optim.Adam(net.parameters(), lr=2e-3)
mse = nn.MSELoss()
for epoch in range(25):
    total = 0.0
    for (clean,) in loader:
        noisy = clean + 0.2 * torch.randn_like(clean)
        loss = mse(net(noisy), clean)
        adam.zero_grad()
        loss.backward()
        adam.step()
        total += loss.item() * len(clean)
    if epoch % 5 == 0:
        print(epoch, total / 1500)
with torch.no_grad():
    score = mse(net(held_out + 0.2 * torch.randn_like(held_out)), held_out).item()
print(f"RESULT val_mse={score:.4f}")
