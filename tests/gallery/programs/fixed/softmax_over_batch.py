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
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(64, 64), nn.Linear(64, 10)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.softmax(self.fc2(torch.relu(self.fc1(x))))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(12):
    for i in tr[torch.randperm(1400)].split(50):
        p = net(X[i])
        loss = -torch.log(p[torch.arange(len(i)), y[i]] + 1e-8).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        parts = [net(X[i])[torch.arange(len(i)), y[i]] for i in va.split(40)]
        val = -torch.log(torch.cat(parts) + 1e-8).mean().item()
    print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
