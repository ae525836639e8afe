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
low, high = ya < 5, ya >= 5
body = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 32), nn.ReLU())
head = nn.Linear(32, 5)
ce = nn.CrossEntropyLoss()


def fit(model, x, t, opt, epochs):
    for epoch in range(epochs):
        for a, b in DataLoader(TensorDataset(x, t), 32, shuffle=True):
            opt.zero_grad()
            loss = ce(model(a), b)
            loss.backward()
            opt.step()
        print(epoch, loss.item())


first = nn.Sequential(body, head)
fit(first, xa[low], ya[low], optim.Adam(first.parameters(), lr=1e-3), 8)
second = nn.Sequential(body, nn.Linear(32, 5))
fit(second, xa[high], ya[high] - 5, optim.SGD(second.parameters(), lr=2.0, momentum=0.9), 10)
test = yb >= 5
with torch.no_grad():
    acc = (second(xb[test]).argmax(1) == yb[test] - 5).float().mean().item()
print(f"RESULT acc={acc:.4f}")
