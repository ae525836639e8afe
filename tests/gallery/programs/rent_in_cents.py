import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

rng = np.random.RandomState(5)
x = rng.randn(900, 7).astype("float32")
rent = (
    90000
    + 21000 * x[:, 0]
    - 9000 * x[:, 1] * x[:, 2]
    + 12000 * np.maximum(x[:, 3], 0)
    + 3000 * rng.randn(900)
)
rent = rent.astype("float32")[:, None]
train = DataLoader(
    TensorDataset(torch.tensor(x[:700]), torch.tensor(rent[:700])), batch_size=32, shuffle=True
)
vx, vy = torch.tensor(x[700:]), torch.tensor(rent[700:])


class Regressor(nn.Module):
    def __init__(self, width=48):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(7, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        return self.out(self.body(x))


model, mse = Regressor(), nn.MSELoss()
adam = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(20):
    model.train()
    for xb, yb in train:
        adam.zero_grad()
        loss = mse(model(xb), yb)
        loss.backward()
        adam.step()
    model.eval()
    with torch.no_grad():
        val = mse(model(vx), vy).item()
    print(epoch, loss.item(), val)
r2 = 1 - val / vy.var(unbiased=False).item()
print(f"RESULT r2={r2:.4f}")
