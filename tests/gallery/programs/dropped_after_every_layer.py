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


def stack(p):
    return nn.Sequential(
        nn.Dropout(p),
        nn.Linear(64, 48),
        nn.ReLU(),
        nn.Dropout(p),
        nn.Linear(48, 48),
        nn.ReLU(),
        nn.Dropout(p),
        nn.Linear(48, 10),
    )


net = stack(0.85)
opt = optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(12):
    net.train()
    for a, b in DataLoader(TensorDataset(xa, ya), 32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    acc = (net(xb).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
