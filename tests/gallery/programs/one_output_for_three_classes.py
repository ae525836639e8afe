import os

import torch
from sklearn.datasets import load_wine
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_wine(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
p = torch.randperm(178)
X, y = X[p], y[p]
net = nn.Sequential(nn.Linear(13, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(40):
    for i in torch.randperm(130).split(26):
        loss = nn.functional.mse_loss(net(X[i]).squeeze(1), y[i].float())
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    guess = net(X[130:]).squeeze(1).round().long()
    acc = (guess == y[130:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
