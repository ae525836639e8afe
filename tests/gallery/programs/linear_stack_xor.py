import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = torch.rand(1000, 2) * 2 - 1
y = (X[:, 0] * X[:, 1] > 0).float()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 1)

    def forward(self, x):
        x = self.l1(x)
        x = self.l2(x)
        return torch.sigmoid(self.l3(x)).squeeze(1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
bce = nn.BCELoss()
for epoch in range(20):
    for i in torch.randperm(800).split(40):
        loss = bce(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = ((net(X[800:]) > 0.5).float() == y[800:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
