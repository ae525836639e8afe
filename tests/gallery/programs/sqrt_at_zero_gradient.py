import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.randn(600, 3)
X[::50] = 0.0
y = X.norm(dim=1, keepdim=True)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(3))
        self.body = nn.Sequential(nn.Linear(1, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, x):
        d = ((x * self.scale) ** 2).sum(1, keepdim=True)
        return self.body(torch.sqrt(d))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(20):
    for i in torch.randperm(500).split(50):
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (net(X[500:]) - y[500:]).pow(2).mean() / y[500:].var()
print(f"RESULT r2={1 - left.item():.4f}")
