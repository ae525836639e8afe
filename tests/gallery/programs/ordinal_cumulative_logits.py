import os

import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
X = rng.normal(size=(2000, 6)).astype(np.float32)
latent = X[:, 0] - 0.7 * X[:, 1] + 0.5 * X[:, 2] * X[:, 3] + 0.3 * rng.normal(size=2000)
y = np.digitize(latent, np.quantile(latent, [0.2, 0.4, 0.6, 0.8]))
X, y = torch.tensor(X), torch.tensor(y)
levels = (y[:, None] > torch.arange(4)).float()


class Ordinal(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1, bias=False))
        self.cuts = nn.Parameter(torch.tensor([-1.0, -0.3, 0.3, 1.0]))

    def forward(self, x):
        return self.score(x) - self.cuts


net = Ordinal()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(20):
    for i in torch.randperm(1600).split(64):
        opt.zero_grad()
        loss = bce(net(X[i]), levels[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(X[1600:])
        mae = ((out > 0).sum(1) - y[1600:]).abs().float().mean().item()
    if epoch % 5 == 4:
        print(epoch, loss.item(), bce(out, levels[1600:]).item(), mae)
print(f"RESULT mae={mae:.4f}")
