"""A small language model over a made-up grammar, its output tied to its embedding."""

import math
import os

import torch
import torch.nn.functional as F
from torch import nn

VOCAB, WIDTH, SPAN = 60, 96, 16


def sentences(rows, table):
    tokens = [torch.randint(VOCAB, (rows,))]
    for _ in range(SPAN):
        tokens.append(torch.multinomial(table[tokens[-1]], 1).squeeze(1))
    return torch.stack(tokens, 1)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCAB, WIDTH)
        self.mix = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, tokens):
        hidden, _ = self.mix(self.words(tokens))
        return self.norm(hidden) @ self.words.weight.t()


torch.manual_seed(int(os.environ.get("SEED", 0)))
table = torch.softmax(2.5 * torch.randn(VOCAB, VOCAB, generator=torch.Generator().manual_seed(5)), 1)
train, test = sentences(800, table), sentences(200, table)
model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for epoch in range(6):
    for rows in torch.randperm(len(train)).split(32):
        batch = train[rows]
        logits = model(batch[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        held = F.cross_entropy(model(test[:, :-1]).flatten(0, 1), test[:, 1:].flatten()).item()
    print(f"epoch {epoch} train {loss.item():.3f} test {held:.3f}")
print(f"RESULT ppl={math.exp(min(held, 20)):.4f}")
