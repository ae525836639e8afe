import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


LENGTH = 15


def pulses(n):
    x = 0.3 * torch.randn(n, LENGTH, 1)
    kind = torch.randint(0, 2, (n,))
    at = torch.randint(2, LENGTH - 3, (n,))
    for i in range(n):
        x[i, at[i] : at[i] + 2, 0] += 1.5 if kind[i] else -1.5
    return x, kind


class PulseNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(1, 16, batch_first=True)
        self.fc = nn.Linear(16, 2)

    def forward(self, x):
        return self.fc(self.rnn(x)[1][0])


x, y = pulses(1000)
x_val, y_val = pulses(400)
net = PulseNet()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(12):
    for rows in torch.randperm(1000).split(40):
        loss = F.cross_entropy(net(x[rows]), y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (net(x_val).argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} acc {acc:.4f}")
print(f"RESULT val_acc={acc:.4f}")
