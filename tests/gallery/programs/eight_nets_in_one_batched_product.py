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
K = 8
W1 = nn.Parameter(torch.randn(K, 64, 32) * 0.15)
b1 = nn.Parameter(torch.zeros(K, 1, 32))
W2 = nn.Parameter(torch.randn(K, 32, 10) * 0.2)
b2 = nn.Parameter(torch.zeros(K, 1, 10))
opt = optim.Adam([W1, b1, W2, b2], lr=3e-3)


def forward(x):
    h = torch.relu(torch.baddbmm(b1, x.expand(K, *x.shape), W1))
    return torch.baddbmm(b2, h, W2)


for epoch in range(12):
    for rows in torch.randperm(len(xa)).split(32):
        out = forward(xa[rows])
        loss = sum(nn.functional.cross_entropy(out[k], ya[rows]) for k in range(K))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (forward(xb).softmax(2).mean(0).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
