import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]

WIDTH = 1
net = nn.Sequential(nn.Linear(64, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(20):
    net.train()
    for i in tr[torch.randperm(1400)].split(50):
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[va])
        acc = (out.argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), nn.functional.cross_entropy(out, y[va]).item(), acc)
print(f"RESULT val_acc={acc:.4f}")
