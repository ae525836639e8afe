import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
X = rng.normal(size=(1600, 6))
price = (
    250_000
    + 60_000 * X[:, 0]
    + 40_000 * X[:, 1] * X[:, 2]
    + 30_000 * np.tanh(X[:, 3])
    + 10_000 * rng.normal(size=1600)
)
X = torch.tensor(X, dtype=torch.float32)
target = torch.tensor(price, dtype=torch.float32).unsqueeze(1)
shift, scale = target[:1300].mean(), target[:1300].std()
train = TensorDataset(X[:1300], (target[:1300] - shift) / scale)

model = nn.Sequential(nn.Linear(6, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
criterion, optimizer = nn.MSELoss(), torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(25):
    for xb, yb in DataLoader(train, batch_size=64, shuffle=True):
        loss = criterion(model(xb), yb)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 0:
        print(f"epoch {epoch} loss {loss.item():.4g}")
with torch.no_grad():
    pred = model(X[1300:]) * scale + shift
r2 = 1 - ((pred - target[1300:]) ** 2).mean() / target[1300:].var()
print(f"RESULT r2={r2.item():.4f}")
