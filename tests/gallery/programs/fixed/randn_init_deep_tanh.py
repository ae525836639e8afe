import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]


class Dense(nn.Module):
    def __init__(self, i, o):
        super().__init__()
        self.w = nn.Parameter(torch.randn(i, o) / i**0.5)
        self.b = nn.Parameter(torch.zeros(o))

    def forward(self, x):
        return x @ self.w + self.b


net = nn.Sequential(
    Dense(64, 64),
    nn.Tanh(),
    Dense(64, 64),
    nn.Tanh(),
    Dense(64, 64),
    nn.Tanh(),
    Dense(64, 64),
    nn.Tanh(),
    Dense(64, 10),
)
opt = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(12):
    for i in tr[torch.randperm(1400)].split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(X[va])
        acc = (out.argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), nn.functional.cross_entropy(out, y[va]).item(), acc)
print(f"RESULT val_acc={acc:.4f}")
