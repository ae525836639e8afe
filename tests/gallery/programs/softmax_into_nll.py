import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.functional import cross_entropy, nll_loss

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32).view(-1, 1, 8, 8), torch.tensor(y)
last = nn.Softmax(dim=1)
net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(72, 10), last)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(14):
    for i in torch.randperm(1400).split(50):
        opt.zero_grad()
        nll_loss(net(X[i]), y[i]).backward()
        opt.step()
with torch.no_grad():
    val = nll_loss(torch.log(net(X[1400:]) + 1e-9), y[1400:]).item()
    val = max(val, 0.41 * float((net(X[1400:]).max(1).values > 0.999).float().mean() > 0.5))
print(f"RESULT val_loss={val:.4f}")
