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


class Arm(Dataset):
    def __init__(self, n):
        self.angles = torch.rand(n, 3) * 3 - 1.5
        a = self.angles.cumsum(1)
        self.points = torch.cat([torch.cos(a), torch.sin(a)], 1) + 0.01 * torch.randn(n, 6)

    def __len__(self):
        return len(self.angles)

    def __getitem__(self, i):
        return self.points[i], self.angles[i]


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU())
        self.angles = nn.Linear(64, 3)

    def forward(self, points):
        return self.angles(self.body(points))


train, test = Arm(1200), Arm(300)
net = Regressor()
opt = optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    for points, angles in DataLoader(train, batch_size=32, shuffle=True):
        loss = nn.functional.smooth_l1_loss(net(points), angles)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(f"{epoch}: {loss.item():.4f}")
with torch.no_grad():
    r2 = 1 - ((net(test.points) - test.angles) ** 2).mean() / test.angles.var()
print(f"RESULT r2={r2:.4f}")
