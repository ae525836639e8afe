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
body, head = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU()), nn.Linear(64, 10)
body_opt = torch.optim.SGD(body.parameters(), lr=0.05)
head_opt = torch.optim.SGD(head.parameters(), lr=0.05)
for epoch in range(30):
    for rows in torch.randperm(len(xa)).split(32):
        body_opt.zero_grad()
        head_opt.zero_grad()
        loss = F.cross_entropy(head(body(xa[rows])), ya[rows])
        loss.backward()
        body_opt.step()
        head_opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (head(body(xb)).argmax(1) == yb).float().mean().item()
print(f"RESULT acc={acc:.4f}")
