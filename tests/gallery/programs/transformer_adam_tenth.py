import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)

rng = torch.Generator().manual_seed(11)
tokens = torch.randint(0, 12, (1200, 14), generator=rng)
first = (tokens == 3).int().argmax(1)
target = ((tokens == 3).sum(1) > (tokens == 7).sum(1)).long()


class Encoder(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.embed, self.place = nn.Embedding(12, dim), nn.Parameter(torch.randn(14, dim) * 0.02)
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.0, batch_first=True)
        self.blocks, self.head = nn.TransformerEncoder(layer, 2), nn.Linear(dim, 2)

    def forward(self, t):
        return self.head(self.blocks(self.embed(t) + self.place).mean(1))


net = Encoder()
opt = optim.Adam(net.parameters(), lr=0.1)
for epoch in range(8):
    net.train()
    for i in torch.randperm(1000).split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(tokens[i]), target[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(tokens[1000:]).argmax(1) == target[1000:]).float().mean().item()
    print(epoch, round(loss.item(), 4), acc)
print(f"RESULT val_acc={acc:.4f}")
