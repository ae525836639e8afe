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
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 16))
opt = optim.Adam(net.parameters(), lr=2e-3)
triplet = nn.TripletMarginLoss(margin=1.0)
by = [torch.where(ya == c)[0] for c in range(10)]


def draw(pool):
    return pool[torch.randint(0, len(pool), (1,))]


for it in range(400):
    classes = torch.randint(0, 10, (40,)).tolist()
    others = [(c + random.randrange(1, 10)) % 10 for c in classes]
    a, p, n = (torch.cat([draw(by[c]) for c in cs]) for cs in (classes, classes, others))
    loss = triplet(net(xa[a]), net(xa[p]), net(xa[n]))
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
with torch.no_grad():
    known, new = net(xa), net(xb)
    right = (ya[torch.cdist(new, known).argmin(1)] == yb).float().mean().item()
print(f"RESULT right={right:.4f}")
