import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
xa, xb, ya, yb = train_test_split((X / 16.0).astype("float32"), y, test_size=0.25, random_state=4)
xa, xb, ya, yb = torch.from_numpy(xa), torch.from_numpy(xb), torch.from_numpy(ya), torch.from_numpy(yb)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 24), nn.Tanh(), nn.Linear(24, 6), nn.Tanh())
        self.head = nn.Linear(6, 10)

    def forward(self, x):
        return self.head(self.body(x))


net = Net()
for p in net.body.parameters():
    p.requires_grad = False
opt = optim.Adam(filter(lambda p: p.requires_grad, net.parameters()), lr=3e-3)
for epoch in range(14):
    if epoch == 2:
        for p in net.body.parameters():
            p.requires_grad = True
        print("body is trained from here on")
    for a, b in DataLoader(TensorDataset(xa, ya), 32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(xb).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
