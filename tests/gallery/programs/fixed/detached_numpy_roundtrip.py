import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(900, 5, noise=0.3, random_state=4)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh())
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        h = self.body(x)
        return self.head(h).squeeze(1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(40):
    for i in torch.randperm(700).split(50):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    left = nn.functional.mse_loss(net(X[700:]), y[700:]) / y[700:].var()
print(f"RESULT r2={1 - left.item():.4f}")
