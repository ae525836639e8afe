import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from dataclasses import dataclass


@dataclass
class Settings:
    rate: float = 0.1
    clip: float = 1.0
    hidden: int = 32
    epochs: int = 12


cfg = Settings()
steps = torch.randn(1000, 15, 2).cumsum(1) * 0.3
label = (steps[:, -1, 0] * steps[:, -1, 1] > 0).long()
rnn, head = nn.GRU(2, cfg.hidden, batch_first=True), nn.Linear(cfg.hidden, 2)
params = list(rnn.parameters()) + list(head.parameters())
opt = torch.optim.SGD(params, lr=cfg.rate, momentum=0.9)
for epoch in range(cfg.epochs):
    for rows in torch.randperm(800).split(20):
        logits = head(rnn(steps[rows])[1][0])
        loss = F.cross_entropy(logits, label[rows])
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(params, cfg.clip)
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (head(rnn(steps[800:])[1][0]).argmax(1) == label[800:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
