import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn.functional import cross_entropy

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden, self.score = nn.Linear(64, 64), nn.Linear(64, 10)

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        return torch.tanh(self.score(h))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    for i in torch.randperm(1400).split(64):
        opt.zero_grad()
        cross_entropy(net(X[i]), y[i]).backward()
        opt.step()
    with torch.no_grad():
        val = cross_entropy(net(X[1400:]), y[1400:]).item()
    print(epoch, val)
print(f"RESULT val_loss={val:.4f}")
