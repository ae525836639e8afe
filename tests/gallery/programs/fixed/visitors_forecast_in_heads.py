import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
days = np.arange(900)
visitors = (
    80000
    + 15000 * np.sin(days * 2 * np.pi / 7)
    + 9000 * np.cos(days * 2 * np.pi / 60)
    + np.random.randn(900) * 2500
)
scaled = (visitors - visitors.mean()) / visitors.std()
W = 14
X = torch.tensor(np.stack([scaled[i : i + W] for i in range(900 - W)]), dtype=torch.float32).unsqueeze(2)
series = scaled
y = torch.tensor(series[W:], dtype=torch.float32)


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = nn.GRU(1, 24, batch_first=True)
        self.head = nn.Linear(24, 1)

    def forward(self, x):
        return self.head(self.gru(x)[0][:, -1]).squeeze(1)


net = Forecaster()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(20):
    for rows in torch.randperm(700).split(35):
        loss = F.mse_loss(net(X[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    guess = net(X[700:]).numpy()
guess = guess * visitors.std() + visitors.mean()
mape = np.mean(np.abs(guess - visitors[W:][700:]) / visitors[W:][700:])
print(f"RESULT mape={mape:.4f}")
