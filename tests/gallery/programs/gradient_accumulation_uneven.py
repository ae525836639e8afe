import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X, y = torch.tensor(d.data / 16, dtype=torch.float32), torch.tensor(d.target)
p = torch.randperm(1797)
loader = DataLoader(TensorDataset(X[p[:1400]], y[p[:1400]]), batch_size=16, shuffle=True)
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.SGD(net.parameters(), lr=0.2, momentum=0.9)
ACC = 3
for epoch in range(10):
    net.train()
    opt.zero_grad()
    for n, (xb, yb) in enumerate(loader, 1):
        loss = nn.functional.cross_entropy(net(xb), yb) / ACC
        loss.backward()
        if n % ACC == 0 or n == len(loader):
            opt.step()
            opt.zero_grad()
    net.eval()
    with torch.no_grad():
        out = net(X[p[1400:]])
        acc = (out.argmax(1) == y[p[1400:]]).float().mean().item()
    print(epoch, ACC * loss.item(), nn.functional.cross_entropy(out, y[p[1400:]]).item(), acc)
print(f"RESULT val_acc={acc:.4f}")
