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

g = torch.Generator().manual_seed(5)
seq = torch.randint(0, 8, (1500, 10), generator=g)
label = (seq[:, 0] > seq[:, -1]).long()


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.pos = nn.Embedding(8, 48), nn.Parameter(torch.randn(10, 48) * 0.1)
        self.layer = nn.TransformerEncoderLayer(48, 4, 96, dropout=0.1, batch_first=True)
        self.drop, self.out = nn.Dropout(0.6), nn.Linear(480, 2)

    def forward(self, s):
        return self.out(self.drop(self.layer(self.emb(s) + self.pos).flatten(1)))


net = Tagger()
opt = optim.AdamW(net.parameters(), lr=2e-3)
for epoch in range(10):
    net.train()
    for i in torch.randperm(1200).split(50):
        opt.zero_grad()
        loss = F.cross_entropy(net(seq[i]), label[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(seq[1200:])
    print(epoch, loss.item(), F.cross_entropy(out, label[1200:]).item())
print(f"RESULT val_acc={(out.argmax(1) == label[1200:]).float().mean().item():.4f}")
