import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
V = 50
tokens = torch.randint(1, V, (1000, 12))
label = ((tokens < 9).sum(1) > (tokens > 41).sum(1)).long()


class Reader(nn.Module):
    def __init__(self, drop):
        super().__init__()
        self.embed = nn.Embedding(V, 24)
        self.drop = nn.Dropout(drop)
        self.lstm = nn.LSTM(24, 24, batch_first=True)
        self.out = nn.Linear(24, 2)

    def forward(self, t):
        _, (h, _) = self.lstm(self.drop(self.embed(t)))
        return self.out(self.drop(h[-1]))


net = Reader(0.1)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(12):
    net.train()
    for rows in torch.randperm(800).split(20):
        opt.zero_grad()
        loss = F.cross_entropy(net(tokens[rows]), label[rows])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        acc = (net(tokens[800:]).argmax(1) == label[800:]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT acc={acc:.4f}")
