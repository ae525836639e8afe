import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

words = torch.randint(0, 60, (1500, 8))
good = torch.randn(60, generator=torch.Generator().manual_seed(2))
y = (good[words].sum(1) > 0).long()


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb, self.mlp = (
            nn.Embedding(60, 12),
            nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 2)),
        )

    def forward(self, w):
        return self.mlp(self.emb(w).mean(1))


net = Bag()
slow, fast = torch.optim.SGD(net.emb.parameters(), lr=1.0), torch.optim.Adam(net.mlp.parameters(), lr=5e-3)
for epoch in range(12):
    for i in torch.randperm(1200).split(40):
        loss = F.cross_entropy(net(words[i]), y[i])
        for o in (slow, fast):
            o.zero_grad()
        loss.backward()
        slow.step()
        fast.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(words[1200:]).argmax(1) == y[1200:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
