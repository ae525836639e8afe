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
        self.hidden = nn.Linear(64, 48)
        self.out = nn.Linear(48, 10)
        nn.init.uniform_(self.hidden.weight, -0.25, 0.0)
        nn.init.zeros_(self.hidden.bias)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))


net = Net()
opt = optim.SGD(net.parameters(), lr=0.1)
ce = nn.CrossEntropyLoss()
for epoch in range(12):
    for a, b in DataLoader(TensorDataset(xa, ya), batch_size=30, shuffle=True):
        opt.zero_grad()
        loss = ce(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(xb).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
