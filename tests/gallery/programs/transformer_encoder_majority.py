import os

import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))

tokens = torch.randint(0, 6, (2600, 15))
counts = nn.functional.one_hot(tokens, 6).sum(1)
labels = counts.argmax(1)
x_train, y_train, x_val, y_val = tokens[:2200], labels[:2200], tokens[2200:], labels[2200:]


class Encoder(nn.Module):
    def __init__(self, dim=32):
        super().__init__()
        self.tok = nn.Embedding(6, dim)
        self.pos = nn.Parameter(torch.randn(16, dim) * 0.02)
        self.cls = nn.Parameter(torch.zeros(1, 1, dim))
        layer = nn.TransformerEncoderLayer(dim, 4, 64, dropout=0.0, batch_first=True, norm_first=True)
        self.body = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.norm, self.head = nn.LayerNorm(dim), nn.Linear(dim, 6)

    def forward(self, t):
        h = torch.cat([self.cls.expand(len(t), -1, -1), self.tok(t)], 1) + self.pos
        return self.head(self.norm(self.body(h)[:, 0]))


model = Encoder()
optim = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.01)
warm = torch.optim.lr_scheduler.LinearLR(optim, 0.05, 1.0, total_iters=25)
lossf = nn.CrossEntropyLoss()
for epoch in range(8):
    model.train()
    for idx in torch.randperm(2200).split(64):
        optim.zero_grad(set_to_none=True)
        loss = lossf(model(x_train[idx]), y_train[idx])
        loss.backward()
        optim.step()
        warm.step()
    model.eval()
    with torch.inference_mode():
        logits = model(x_val)
    acc = (logits.argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch}: val loss {lossf(logits, y_val).item():.3f} acc {acc:.3f}")
print(f"RESULT val_acc={acc:.4f}")
