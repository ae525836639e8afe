import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


class Seq2Seq(nn.Module):
    def __init__(self, v=12, d=48):
        super().__init__()
        self.emb = nn.Embedding(v, d, padding_idx=0)
        self.enc, self.dec = nn.GRU(d, d, batch_first=True), nn.GRU(d, d, batch_first=True)
        self.out = nn.Linear(2 * d, v)

    def forward(self, src, tgt):
        memory, h = self.enc(self.emb(src))
        o, _ = self.dec(self.emb(tgt), h)
        w = torch.softmax(o @ memory.transpose(1, 2) / 7, -1)
        return self.out(torch.cat([o, w @ memory], -1))


def batch(n):
    s = torch.randint(2, 12, (n, 6))
    for row, k in enumerate(torch.randint(3, 7, (n,)).tolist()):
        s[row, k:] = 0
    t = torch.zeros_like(s)
    for row in range(n):
        real = s[row][s[row] > 0]
        t[row, : len(real)] = real.flip(0)
    return s, torch.cat([torch.ones(n, 1, dtype=torch.long), t[:, :-1]], 1), t


net = Seq2Seq()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for step in range(350):
    s, i, t = batch(32)
    loss = F.cross_entropy(net(s, i).flatten(0, 1), t.flatten(), ignore_index=0)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 70 == 0:
        print(step, loss.item())
with torch.no_grad():
    s, i, t = batch(200)
    acc = (net(s, i).argmax(-1) == t)[t > 0].float().mean().item()
print(f"RESULT token_acc={acc:.4f}")
