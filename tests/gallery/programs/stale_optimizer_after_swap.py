import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]


class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 10), nn.ReLU())
        self.head = nn.Linear(10, classes)

    def forward(self, x):
        return self.head(self.body(x))


net = Net(classes=1000)
opt = torch.optim.RMSprop(net.parameters(), lr=2e-3)
net.body = nn.Sequential(nn.Linear(64, 10), nn.ReLU())
net.head = nn.Linear(10, 10)
for epoch in range(14):
    for i in tr[torch.randperm(1400)].split(50):
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(X[va]).argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
