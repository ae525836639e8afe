import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
xa, xb, ya, yb = train_test_split((X / 16.0).astype("float32"), y, test_size=0.25, random_state=4)
xa, xb, ya, yb = torch.from_numpy(xa), torch.from_numpy(xb), torch.from_numpy(ya), torch.from_numpy(yb)
order = torch.randperm(64)
net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)


def train(x, t, penalty=None, epochs=10):
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            opt.zero_grad()
            loss = F.cross_entropy(net(x[rows]), t[rows])
            if penalty is not None:
                loss = loss + penalty()
            loss.backward()
            opt.step()
        print(epoch, loss.item())


train(xa, ya)
fisher = [torch.zeros_like(p) for p in net.parameters()]
for i in range(100):
    net.zero_grad()
    F.cross_entropy(net(xa[i : i + 1]), ya[i : i + 1]).backward()
    fisher = [f + p.grad**2 / 100 for f, p in zip(fisher, net.parameters())]
anchor = [p.detach().clone() for p in net.parameters()]
train(
    xa[:, order],
    ya,
    lambda: 20 * sum((f * (p - a) ** 2).sum() for f, p, a in zip(fisher, net.parameters(), anchor)),
)
with torch.no_grad():
    acc = (
        (net(xb).argmax(1) == yb).float().mean() + (net(xb[:, order]).argmax(1) == yb).float().mean()
    ).item() / 2
print(f"RESULT acc={acc:.4f}")
