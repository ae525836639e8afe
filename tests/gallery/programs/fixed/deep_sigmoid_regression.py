import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(900, 6, noise=0.3, random_state=10)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]


class Deep(nn.Module):
    def __init__(self, depth=8, width=32):
        super().__init__()
        self.first = nn.Linear(6, width)
        self.rest = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.last = nn.Linear(width, 1)

    def forward(self, x):
        x = self.first(x)
        for layer in self.rest:
            x = layer(torch.relu(x))
        return self.last(torch.relu(x))


net = Deep()
for layer in net.rest:
    nn.init.kaiming_normal_(layer.weight)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(20):
    for i in torch.randperm(700).split(35):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (net(X[700:]) - y[700:]).pow(2).mean() / y[700:].var()
print(f"RESULT r2={1 - left.item():.4f}")
