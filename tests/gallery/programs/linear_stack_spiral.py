import os

import torch
from sklearn.datasets import make_moons
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_moons(1500, noise=0.12, random_state=seed)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b, self.c, self.d = (
            nn.Linear(2, 64),
            nn.Linear(64, 64),
            nn.Linear(64, 64),
            nn.Linear(64, 1),
        )
        self.act = nn.Identity()

    def forward(self, x):
        x = self.act(self.a(x))
        x = self.act(self.b(x))
        x = self.act(self.c(x))
        return self.d(x).squeeze(-1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
bce = nn.BCEWithLogitsLoss()
for epoch in range(20):
    net.train()
    for i in torch.randperm(1200).split(60):
        loss = bce(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[1200:])
        acc = ((out > 0) == (y[1200:] > 0)).float().mean().item()
    print(epoch, loss.item(), bce(out, y[1200:]).item(), acc)
print(f"RESULT val_acc={acc:.4f}")
