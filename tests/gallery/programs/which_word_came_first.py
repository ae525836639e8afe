import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
V = 30
ids = torch.randint(2, V, (1500, 10))
label = torch.randint(0, 2, (1500,))
for row, l in zip(ids, label):
    i, j = sorted(random.sample(range(10), 2))
    row[i], row[j] = (0, 1) if l else (1, 0)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(V, 24)
        self.gru = nn.GRU(24, 32, batch_first=True)
        self.out = nn.Linear(32, 2)

    def forward(self, ids):
        return self.out(self.gru(self.embed(ids))[1][0])


net = Reader()
opt = optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(12):
    for a, b in DataLoader(TensorDataset(ids[:1200], label[:1200]), 30, shuffle=True):
        loss = nn.functional.cross_entropy(net(a), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(ids[1200:]).argmax(1) == label[1200:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
