import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
EPOCHS = 30
for epoch in range(EPOCHS):
    for i in torch.randperm(1400).split(32):
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
