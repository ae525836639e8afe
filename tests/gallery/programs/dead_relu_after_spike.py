import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(1500, n_features=6, noise=0.3, random_state=seed)
X = torch.tensor(X * 3.4 - 1.7, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)
BIAS = -6.0
net = nn.Sequential(nn.Linear(6, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 1))
with torch.no_grad():
    for layer in net[:-1]:
        if hasattr(layer, "bias"):
            layer.bias.fill_(BIAS)
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.randperm(1200).split(60):
        loss = (net(X[i]).flatten() - y[i]).pow(2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - (net(X[1200:]).flatten() - y[1200:]).pow(2).mean() / y[1200:].var()
print(f"RESULT r2={r2.item():.4f}")
