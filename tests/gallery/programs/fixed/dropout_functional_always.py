import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(64, 48), nn.Linear(48, 10)

    def forward(self, x):
        h = F.relu(self.a(x))
        h = F.dropout(h, 0.6, training=self.training)
        return self.b(h)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    net.train()
    for i in torch.randperm(1400).split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[1400:])
        acc = (out.argmax(1) == y[1400:]).float().mean().item()
        print(epoch, loss.item(), F.cross_entropy(out, y[1400:]).item(), acc)
print(f"RESULT val_acc={acc:.4f}")
