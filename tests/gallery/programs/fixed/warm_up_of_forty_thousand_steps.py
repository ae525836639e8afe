import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
VOCAB, LENGTH, D = 12, 10, 32
WARMUP = 80


class Copier(nn.Module):
    """Says the sequence backwards."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, D)
        self.place = nn.Parameter(torch.randn(LENGTH, D) * 0.1)
        layer = nn.TransformerEncoderLayer(D, 4, 64, dropout=0.0, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.out = nn.Linear(D, VOCAB)

    def forward(self, ids):
        return self.out(self.encoder(self.embed(ids) + self.place))


def noam(step):
    step += 1
    return D**-0.5 * min(step**-0.5, step * WARMUP**-1.5)


model = Copier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.4, betas=(0.9, 0.98), eps=1e-9)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, noam)
for step in range(400):
    ids = torch.randint(0, VOCAB, (32, LENGTH))
    loss = F.cross_entropy(model(ids).transpose(1, 2), ids.flip(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    if (step + 1) % 50 == 0:
        print(f"step {step + 1} loss {loss.item():.4f} lr {scheduler.get_last_lr()[0]:.2e}")
with torch.no_grad():
    ids = torch.randint(0, VOCAB, (200, LENGTH))
    acc = (model(ids).argmax(-1) == ids.flip(1)).float().mean().item()
print(f"RESULT acc={acc:.4f}")
