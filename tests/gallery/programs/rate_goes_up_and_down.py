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
net = nn.Sequential(nn.Linear(64, 80), nn.ReLU(), nn.Linear(80, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.001, momentum=0.8)
schedule = torch.optim.lr_scheduler.CyclicLR(opt, base_lr=0.001, max_lr=0.2, step_size_up=60)
for epoch in range(14):
    for rows in torch.randperm(len(xa)).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(xa[rows]), ya[rows])
        loss.backward()
        opt.step()
        schedule.step()
    print(epoch, loss.item(), schedule.get_last_lr()[0])
with torch.no_grad():
    acc = (net(xb).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
