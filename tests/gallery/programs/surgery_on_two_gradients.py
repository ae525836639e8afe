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
odd_a, odd_b = (ya % 2).float(), (yb % 2).float()
body = nn.Sequential(nn.Linear(64, 64), nn.ReLU())
digit, parity = nn.Linear(64, 10), nn.Linear(64, 1)
everything = [*body.parameters(), *digit.parameters(), *parity.parameters()]
opt = optim.Adam(everything, lr=2e-3)
for epoch in range(10):
    for rows in torch.randperm(len(xa)).split(32):
        grads = []
        for task in range(2):
            opt.zero_grad()
            h = body(xa[rows])
            if task == 0:
                loss = nn.functional.cross_entropy(digit(h), ya[rows])
            else:
                loss = nn.functional.binary_cross_entropy_with_logits(parity(h).squeeze(1), odd_a[rows])
            loss.backward()
            grads.append([torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in everything])
        dot = sum((a * b).sum() for a, b in zip(*grads))
        if dot < 0:
            size = sum((b * b).sum() for b in grads[1])
            grads[0] = [a - dot / size * b for a, b in zip(*grads)]
        for p, a, b in zip(everything, *grads):
            p.grad = a + b
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (digit(body(xb)).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
