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
V, T = 20, 10
ids = torch.randint(0, V, (1400, T))
label = (ids == 3).any(1).long()


class Block(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.embed, self.place = nn.Embedding(V, d), nn.Embedding(T, d)
        self.q, self.k, self.v, self.o = (nn.Linear(d, d) for _ in range(4))
        self.ff = nn.Sequential(nn.Linear(d, 64), nn.ReLU(), nn.Linear(64, d))
        self.head = nn.Linear(d, 2)
        for m in self.modules():
            if isinstance(m, nn.Linear):
                nn.init.normal_(m.weight, std=1.0)

    def forward(self, ids):
        x = self.embed(ids) + self.place.weight
        a = torch.softmax(self.q(x) @ self.k(x).transpose(1, 2) / 32**0.5, -1)
        x = x + self.o(a @ self.v(x))
        return self.head((x + self.ff(x)).mean(1))


net = Block()
opt = optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(20):
    for a, b in DataLoader(TensorDataset(ids[:1100], label[:1100]), 32, shuffle=True):
        loss = nn.functional.cross_entropy(net(a), b)
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(ids[1100:]).argmax(1) == label[1100:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
