import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16.0, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(len(X))
train, val = perm[:1350], perm[1350:]


class LoRALinear(nn.Module):
    def __init__(self, base, rank=8):
        super().__init__()
        self.base = base
        for p in base.parameters():
            p.requires_grad_(False)
        self.A = nn.Parameter(torch.randn(rank, base.in_features) / base.in_features**0.5)
        self.B = nn.Parameter(torch.zeros(base.out_features, rank))

    def forward(self, x):
        return self.base(x) + x @ self.A.T @ self.B.T


def fit(net, params, inputs, epochs, lr):
    opt = torch.optim.AdamW(params, lr=lr)
    for epoch in range(epochs):
        for i in train[torch.randperm(len(train))].split(45):
            loss = F.cross_entropy(net(inputs[i]), y[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
        with torch.no_grad():
            acc = (net(inputs[val]).argmax(1) == y[val]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} val {acc:.4f}")
    return acc


net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
fit(net, net.parameters(), X, 8, 2e-3)
# The new task: the same digits, photographed as negatives and turned by 90 degrees.
turned = 1 - X.view(-1, 8, 8).rot90(1, (1, 2)).reshape(-1, 64)
for k in (0, 2, 4):
    net[k] = LoRALinear(net[k])
acc = fit(net, [p for p in net.parameters() if p.requires_grad], turned, 14, 5e-3)
print(f"RESULT val_acc={acc:.4f}")
