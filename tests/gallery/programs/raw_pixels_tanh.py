import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X = torch.tensor(X * 255.0, dtype=torch.float32)
y = torch.tensor(y)
net = nn.Sequential(nn.Linear(64, 48), nn.Tanh(), nn.Linear(48, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(15):
    for i in torch.randperm(1400).split(50):
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
