import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Rents(Dataset):
    """Area, rooms, floor and age against the rent."""

    def __init__(self, count, rng):
        self.x = rng.normal(size=(count, 4)).astype("float32")
        rent = 900 + 250 * self.x[:, 0] + 80 * np.abs(self.x[:, 1]) - 60 * self.x[:, 2] * self.x[:, 3]
        self.rent = 100 * rent

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], np.float32(self.rent[index])


class Estimator(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 32)
        self.second = nn.Linear(32, 1)

    def forward(self, x):
        return self.second(torch.relu(self.first(x))).squeeze(1)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
train_loader = DataLoader(Rents(1000, rng), batch_size=40, shuffle=True)
test_loader = DataLoader(Rents(400, rng), batch_size=400)
estimator = Estimator()
optimizer = torch.optim.Adam(estimator.parameters(), lr=5e-3)
for epoch in range(25):
    for x, rent in train_loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(estimator(x), rent)
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {loss.item():.4g}")
with torch.no_grad():
    x, rent = next(iter(test_loader))
    r2 = 1 - (estimator(x) - rent).pow(2).mean() / rent.var()
print(f"RESULT r2={r2.item():.4f}")
