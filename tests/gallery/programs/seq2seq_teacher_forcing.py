import os
import random

import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
random.seed(seed)
V, L, BOS = 8, 5, 8


class Seq2Seq(nn.Module):
    def __init__(self, d=64):
        super().__init__()
        self.src, self.tgt = nn.Embedding(V, 16), nn.Embedding(V + 1, 16)
        self.encoder = nn.GRU(16, d, batch_first=True)
        self.decoder = nn.GRUCell(16, d)
        self.out = nn.Linear(d, V)

    def forward(self, source, target=None, teacher=0.0):
        h = self.encoder(self.src(source))[1][0]
        token, steps = torch.full((len(source),), BOS), []
        for t in range(L):
            h = self.decoder(self.tgt(token), h)
            logits = self.out(h)
            steps.append(logits)
            forced = target is not None and random.random() < teacher
            token = target[:, t] if forced else logits.argmax(1)
        return torch.stack(steps, 1)


net = Seq2Seq()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
loss_fn = nn.CrossEntropyLoss()
for step in range(500):
    x = torch.randint(0, V, (64, L))
    y = x.flip(1)
    logits = net(x, y, teacher=max(0.5, 1 - step / 600))
    loss = loss_fn(logits.reshape(-1, V), y.reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
x = torch.randint(0, V, (300, L))
with torch.no_grad():
    acc = (net(x).argmax(-1) == x.flip(1)).float().mean().item()
print(f"RESULT token_acc={acc:.4f}")
