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
net = nn.Sequential(nn.Linear(64, 64), nn.GELU(), nn.Linear(64, 10))
opt = torch.optim.AdamW(net.parameters(), lr=5e-3)
warmup = torch.optim.lr_scheduler.LinearLR(opt, start_factor=1e-3, total_iters=60)
for epoch in range(10):
    for rows in torch.randperm(len(xa)).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(xa[rows]), ya[rows])
        loss.backward()
        opt.step()

    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(xb).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
