import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import make_moons

X, y = make_moons(600, noise=0.12, random_state=SEED)
X, y = torch.tensor(X * [1, 1], dtype=torch.float32), torch.tensor(y).float()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2, self.l3 = nn.Linear(2, 32), nn.Linear(32, 32), nn.Linear(32, 1)
        self.act = nn.ReLU()

    def forward(self, x):
        x = self.l1(x)
        x = self.l2(x)
        return self.l3(x)[:, 0]


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(40):
    for i in torch.randperm(480).split(32):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(X[i]), y[i])
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = ((net(X[480:]) > 0).float() == y[480:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
