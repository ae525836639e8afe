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
V, T = 12, 8


class Reverser(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.place = nn.Embedding(V, 48), nn.Parameter(torch.randn(T, 48) * 0.1)
        layer = nn.TransformerEncoderLayer(48, 4, 96, dropout=0.0, batch_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(48, V)

    def forward(self, x):
        return self.out(self.body(self.embed(x) + self.place))


net = Reverser()
opt = optim.AdamW(net.parameters(), lr=2e-3)
for it in range(500):
    x = torch.randint(0, V, (64, T))
    loss = nn.functional.cross_entropy(net(x).transpose(1, 2), x.flip(1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if it % 100 == 0:
        print(it, loss.item())
x = torch.randint(0, V, (200, T))
with torch.no_grad():
    acc = (net(x).argmax(2) == x.flip(1)).float().mean().item()
print(f"RESULT acc={acc:.4f}")
