import os

import torch
import torch.nn.functional as F
from sklearn.datasets import make_friedman1
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(1500, n_features=8, noise=0.4, random_state=seed)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).unsqueeze(1)


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 64), nn.Linear(64, 64), nn.Linear(64, 1)])

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.relu(layer(x))
        return self.layers[-1](x)


net = Regressor()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for xb, yb in DataLoader(TensorDataset(X[:1200], y[:1200]), batch_size=48, shuffle=True):
        loss = F.l1_loss(net(xb), yb)
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(X[1200:]), y[1200:]) / y[1200:].var()
print(f"RESULT r2={r2.item():.4f}")
