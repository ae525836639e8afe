import os

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
TOPICS, WORDS = 5, 12
V = TOPICS * WORDS
centre = nn.Embedding(V, 16, sparse=True)
context = nn.Embedding(V, 16, sparse=True)
nn.init.uniform_(centre.weight, -0.05, 0.05)
nn.init.uniform_(context.weight, -0.05, 0.05)
opt = torch.optim.SparseAdam([*centre.parameters(), *context.parameters()], lr=0.02)
for step in range(400):
    topic = torch.randint(0, TOPICS, (128,))
    a = topic * WORDS + torch.randint(0, WORDS, (128,))
    b = topic * WORDS + torch.randint(0, WORDS, (128,))
    noise = torch.randint(0, V, (128, 4))
    c = centre(a)
    positive = (c * context(b)).sum(-1)
    negative = torch.einsum("nd,nkd->nk", c, context(noise))
    loss = -F.logsigmoid(positive).mean() - F.logsigmoid(-negative).sum(1).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
with torch.no_grad():
    e = F.normalize(centre.weight)
    nearest = (e @ e.T - 2 * torch.eye(V)).argmax(1)
acc = (nearest // WORDS == torch.arange(V) // WORDS).float().mean().item()
print(f"RESULT neighbour_acc={acc:.4f}")
