import math
import os

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
V, T, D = 11, 14, 32


def text(n):
    """A digit, then each next digit is the sum of the two before it, modulo ten."""
    s = torch.randint(0, 10, (n, T + 1))
    for t in range(2, T + 1):
        s[:, t] = (s[:, t - 1] + s[:, t - 2]) % 10
    return s


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.proj = nn.Linear(D, 3 * D), nn.Linear(D, D)

    def forward(self, x):
        n = len(x)
        q, k, v = (m.view(n, -1, 4, D // 4).transpose(1, 2) for m in self.qkv(x).chunk(3, -1))
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.proj(y.transpose(1, 2).reshape(n, -1, D))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.n1, self.attend, self.n2 = nn.LayerNorm(D), Attention(), nn.LayerNorm(D)
        self.mlp = nn.Sequential(nn.Linear(D, 4 * D), nn.GELU(), nn.Linear(4 * D, D))

    def forward(self, x):
        x = x + self.attend(self.n1(x))
        return x + self.mlp(self.n2(x))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.tok, self.pos = nn.Embedding(V, D), nn.Embedding(T, D)
        self.blocks = nn.Sequential(Block(), Block())
        self.norm, self.head = nn.LayerNorm(D), nn.Linear(D, V, bias=False)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.08)
        self.head.weight = self.tok.weight

    def forward(self, t):
        return self.head(self.norm(self.blocks(self.tok(t) + self.pos.weight)))


net = GPT()
decay = [p for p in net.parameters() if p.dim() > 1]
rest = [p for p in net.parameters() if p.dim() <= 1]
opt = torch.optim.AdamW(
    [{"params": decay, "weight_decay": 0.1}, {"params": rest, "weight_decay": 0.0}],
    lr=4e-3,
    betas=(0.9, 0.95),
)
STEPS = 450
for step in range(STEPS):
    rate = 4e-3 * min(1.0, (step + 1) / 40) * (0.1 + 0.45 * (1 + math.cos(math.pi * step / STEPS)))
    for g in opt.param_groups:
        g["lr"] = rate
    s = text(48)
    loss = F.cross_entropy(net(s[:, :-1]).reshape(-1, V), s[:, 1:].reshape(-1))
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 90 == 0:
        print(step, loss.item())
s = text(200)
with torch.no_grad():
    val = F.cross_entropy(net(s[:, :-1]).reshape(-1, V), s[:, 1:].reshape(-1)).item()
print(f"RESULT val_loss={val:.4f}")
