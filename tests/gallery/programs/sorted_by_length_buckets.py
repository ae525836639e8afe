import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

seqs, ys = [], []
for _ in range(1200):
    s = torch.randint(1, 10, (np.random.randint(4, 20),))
    seqs.append(s)
    ys.append(int((s > 5).float().mean() > 0.45))
order = sorted(range(1000), key=lambda k: len(seqs[k]))
buckets = [order[k : k + 40] for k in range(0, 1000, 40)]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.c, self.o = nn.Embedding(10, 16, padding_idx=0), nn.Linear(16, 24), nn.Linear(24, 2)

    def forward(self, x):
        live = (x > 0).float().unsqueeze(-1)
        h = torch.relu(self.c(self.e(x))) * live
        return self.o(h.sum(1) / live.sum(1))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
pad = lambda rows: nn.utils.rnn.pad_sequence([seqs[k] for k in rows], batch_first=True)
for epoch in range(8):
    for k in np.random.permutation(len(buckets)):
        rows = buckets[k]
        opt.zero_grad()
        loss = F.cross_entropy(net(pad(rows)), torch.tensor([ys[r] for r in rows]))
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (net(pad(range(1000, 1200))).argmax(1) == torch.tensor(ys[1000:])).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
