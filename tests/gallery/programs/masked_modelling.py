import os

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, L, MASK = 12, 12, 12


def sequences(n):
    """Counting upwards by 1 or 2 modulo V: any token follows from its neighbours."""
    start, stride = torch.randint(0, V, (n, 1)), torch.randint(1, 3, (n, 1))
    return (start + stride * torch.arange(L)) % V


class MaskedLM(nn.Module):
    def __init__(self, d=32):
        super().__init__()
        self.emb = nn.Embedding(V + 1, d)
        self.pos = nn.Embedding(L, d)
        layer = nn.TransformerEncoderLayer(d, 4, 64, 0.0, "gelu", batch_first=True)
        self.enc = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.out = nn.Linear(d, V + 1)
        nn.init.normal_(self.emb.weight, std=0.2)
        nn.init.normal_(self.pos.weight, std=0.2)
        self.out.weight = self.emb.weight

    def forward(self, t):
        return self.out(self.enc(self.emb(t) + self.pos(torch.arange(L))))


def corrupt(t):
    hidden = torch.rand(t.shape) < 0.2
    return t.masked_fill(hidden, MASK), hidden


model = MaskedLM()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for step in range(450):
    t = sequences(48)
    seen, hidden = corrupt(t)
    loss = F.cross_entropy(model(seen)[hidden], t[hidden])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 40 == 0:
        print(step, round(loss.item(), 3))
model.eval()
t = sequences(300)
seen, hidden = corrupt(t)
with torch.no_grad():
    acc = (model(seen)[hidden].argmax(-1) == t[hidden]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
