import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(800, 6, noise=0.3, random_state=11)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(torch.randn(6, 40) * 0.4)
        self.w2 = nn.Parameter(torch.randn(40, 1) * 0.15)
        self.b1, self.b2 = nn.Parameter(torch.zeros(40)), nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return torch.relu(x @ self.w1 + self.b1) @ self.w2 + self.b2


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(20):
    for i in torch.randperm(640).split(32):
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (net(X[640:]) - y[640:]).pow(2).mean() / y[640:].var()
print(f"RESULT r2={1 - left.item():.4f}")
