import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
mix = np.random.permutation(len(X))
X, y = torch.tensor(X[mix] / 16, dtype=torch.float32), torch.tensor(y[mix])
net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.5), nn.Linear(96, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9)
for epoch in range(12):
    net.train()
    for rows in torch.randperm(1400).split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
    scheduler.step()
    print("epoch", epoch, "loss", loss.item(), "lr", optimizer.param_groups[0]["lr"])
net.eval()
with torch.no_grad():
    val_acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
