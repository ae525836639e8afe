import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


class Parity(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.out = nn.GRU(2, 24, batch_first=True), nn.Linear(24, 2)

    def forward(self, x):
        return self.out(self.rnn(F.one_hot(x, 2).float())[0][:, -1])


def batch(n, length):
    x = torch.randint(0, 2, (n, length))
    return x, ((x[:, :-1] == 1) & (x[:, 1:] == 1)).any(1).long()


net = Parity()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for stage, length in enumerate((3, 4, 6, 8)):
    for step in range(120):
        x, y = batch(64, length)
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    print("length", length, loss.item())
with torch.no_grad():
    x, y = batch(500, 8)
    acc = (net(x).argmax(1) == y).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
