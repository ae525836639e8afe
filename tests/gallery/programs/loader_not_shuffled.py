import os

import torch
from sklearn.datasets import make_blobs
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_blobs(1500, centers=5, n_features=8, cluster_std=4.0, random_state=1)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
order = torch.randperm(1500, generator=torch.Generator().manual_seed(0))
train, val = order[:1200], order[1200:]
train = train[y[train].argsort()]
loader = DataLoader(TensorDataset(X[train], y[train]), batch_size=24)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 5))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(8):
    net.train()
    for xb, yb in loader:
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[val])
    acc = (out.argmax(1) == y[val]).float().mean().item()
    print(epoch, nn.functional.cross_entropy(out, y[val]).item(), acc)
print(f"RESULT val_acc={acc:.4f}")
