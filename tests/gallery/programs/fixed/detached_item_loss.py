import os

import torch
import torch.nn.functional as F
from sklearn.datasets import make_friedman1
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(1600, n_features=10, noise=0.3, random_state=seed)
X = torch.tensor(X * 2 - 1, dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second, self.last = nn.Linear(10, 12), nn.Linear(12, 6), nn.Linear(6, 1)

    def forward(self, x):
        h = F.relu(self.first(x))
        h = F.relu(self.second(h))
        return self.last(h).squeeze(-1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(25):
    for i in torch.randperm(1300).split(65):
        opt.zero_grad()
        loss = F.mse_loss(net(X[i]), y[i])
        loss.backward()
        opt.step()
    if epoch % 6 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(X[1300:]), y[1300:]) / y[1300:].var()
print(f"RESULT r2={r2.item():.4f}")
