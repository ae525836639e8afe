import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

x = torch.rand(1000, 4) * 2 - 1
y = torch.sin(2 * x[:, 0]) - x[:, 1] * x[:, 2] + 0.1 * torch.randn(1000)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.fc3 = nn.Linear(4, 32), nn.Linear(32, 32), nn.Linear(32, 1)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x).squeeze(1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    for i in torch.randperm(800).split(40):
        opt.zero_grad()
        loss = torch.pow(net(x[i]) - y[i], 2).mean()
        loss.backward()
        opt.step()
with torch.no_grad():
    r2 = 1 - ((net(x[800:]) - y[800:]) ** 2).mean().item() / y[800:].var().item()
print(f"RESULT r2={r2:.4f}")
