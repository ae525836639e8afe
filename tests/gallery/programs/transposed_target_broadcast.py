import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

t = torch.linspace(0, 80, 1500)
s = torch.sin(t) + 0.1 * torch.randn(1500)
w = s.unfold(0, 17, 1)
X, y = w[:, :16].unsqueeze(-1), w[:, 16]


class R(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.fc = nn.RNN(1, 20, batch_first=True), nn.Linear(20, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1, :])


net, crit = R(), nn.MSELoss()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    for xb, yb in DataLoader(TensorDataset(X[:1200], y[:1200]), 40, shuffle=True):
        opt.zero_grad()
        loss = crit(net(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - ((net(X[1200:]).reshape(-1) - y[1200:]) ** 2).mean().item() / y[1200:].var().item()
print(f"RESULT r2={r2:.4f}")
