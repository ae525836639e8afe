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
        self.out = nn.Linear(32, 10)
        self.width = 32
        self.act = nn.ReLU()

    def forward(self, x):
        hidden = nn.Linear(x.shape[1], self.width)
        return self.out(self.act(hidden(x)))


net = Net()
opt = optim.Adam(net.parameters(), lr=3e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(10):
    for a, b in DataLoader(TensorDataset(xa, ya), 32, shuffle=True):
        opt.zero_grad()
        loss = ce(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(xb).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
