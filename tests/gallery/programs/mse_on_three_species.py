import os

import torch
from sklearn.datasets import make_blobs
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_blobs(1200, centers=6, n_features=4, cluster_std=1.6, random_state=7)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)


class Net(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, out))

    def forward(self, x):
        return self.body(x)


net = Net(1)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for i in torch.randperm(900).split(30):
        loss = ((net(X[i]).flatten() - y[i]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    guess = net(X[900:]).flatten().round().long()
acc = (guess == y[900:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
