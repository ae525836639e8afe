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
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
memory_x, memory_y = [], []
for task in range(5):
    mine = ((y_train // 2) == task).nonzero()[:, 0]
    for epoch in range(6):
        for i in mine[torch.randperm(len(mine))].split(24):
            x, y = X_train[i], y_train[i]
            if memory_x:
                k = torch.randint(0, len(memory_x), (24,)).tolist()
                x = torch.cat([x, torch.stack([memory_x[j] for j in k])])
                y = torch.cat([y, torch.stack([memory_y[j] for j in k])])
            opt.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            opt.step()
    memory_x += list(X_train[mine[:40]])
    memory_y += list(y_train[mine[:40]])
    print("task", task, loss.item())
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT average={acc:.4f}")
