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


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(64, 48), nn.Linear(48, 10)

    def forward(self, x):
        h = F.normalize(torch.relu(self.a(x)), dim=0) * 5
        return self.b(h)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(15):
    for rows in torch.randperm(len(xa)).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(xa[rows]), ya[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = np.mean([net(row.unsqueeze(0)).argmax(1).item() == label for row, label in zip(xb, yb.tolist())])
print(f"RESULT acc={acc:.4f}")
