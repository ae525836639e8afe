import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
n = 1200
meaning = torch.randn(n, 8)
pictures = torch.tanh(meaning @ torch.randn(8, 24)) + 0.1 * torch.randn(n, 24)
texts = torch.sin(0.4 * meaning @ torch.randn(8, 16)) + 0.1 * torch.randn(n, 16)


class Tower(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(inputs, 64), nn.GELU(), nn.Linear(64, 32))

    def forward(self, x):
        return nn.functional.normalize(self.net(x), dim=-1)


see, read = Tower(24), Tower(16)
log_temperature = nn.Parameter(torch.tensor(2.0))
opt = optim.AdamW([*see.parameters(), *read.parameters(), log_temperature], lr=2e-3)
for epoch in range(25):
    for rows in torch.randperm(1000).split(50):
        logits = see(pictures[rows]) @ read(texts[rows]).T * log_temperature.exp()
        goal = torch.arange(len(rows))
        loss = (nn.functional.cross_entropy(logits, goal) + nn.functional.cross_entropy(logits.T, goal)) / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    ranks = (see(pictures[1000:]) @ read(texts[1000:]).T).argmax(1)
print(f"RESULT recall={(ranks == torch.arange(200)).float().mean().item():.4f}")
