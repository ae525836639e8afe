import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
import argparse

from sklearn.datasets import load_iris

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=30)
parser.add_argument("--lr", type=float, default=0.01)
parser.add_argument("--hidden", type=int, default=16)
args = parser.parse_args()


class IrisNet(nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.l1 = nn.Linear(4, hidden)
        self.l2 = nn.Linear(hidden, 3)

    def forward(self, x):
        x = F.relu(self.l1(x))
        return torch.sigmoid(self.l2(x))


x, y = load_iris(return_X_y=True)
x = torch.tensor((x - x.mean(0)) / x.std(0), dtype=torch.float32)
y = torch.tensor(y)
perm = torch.randperm(150, generator=torch.Generator().manual_seed(1))
train, test = perm[:110], perm[110:]
net = IrisNet(args.hidden)
optimizer = torch.optim.Adam(net.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    for rows in train[torch.randperm(110)].split(10):
        optimizer.zero_grad()
        loss = F.nll_loss(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    out = net(x[test])
    p = out / out.sum(1, keepdim=True)
print(f"RESULT nll={-p[range(len(test)), y[test]].log().mean().item():.4f}")
