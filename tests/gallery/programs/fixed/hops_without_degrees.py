import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
N, C = 300, 3
g = torch.Generator().manual_seed(SEED)
labels = torch.randint(0, C, (N,), generator=g)
same = labels[:, None] == labels[None]
adjacency = (torch.rand(N, N, generator=g) < torch.where(same, 0.2, 0.05)).float()
adjacency = ((adjacency + adjacency.t() + torch.eye(N)) > 0).float()
propagate = adjacency / adjacency.sum(1, keepdim=True)
features = F.one_hot(labels, C).float() * 0.5 + torch.randn(N, C, generator=g)
train = torch.rand(N, generator=g) < 0.4


class GraphNet(nn.Module):
    def __init__(self, hops=5, width=32):
        super().__init__()
        sizes = [C] + [width] * (hops - 1) + [C]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes[:-1], sizes[1:]))

    def forward(self, x, a):
        for i, layer in enumerate(self.layers):
            x = a @ layer(x)
            if i + 1 < len(self.layers):
                x = F.relu(x)
        return x


model = GraphNet()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(150):
    model.train()
    optimizer.zero_grad()
    out = model(features, propagate)
    loss = F.cross_entropy(out[train], labels[train])
    loss.backward()
    optimizer.step()
    if epoch % 30 == 0:
        acc = (out[~train].argmax(1) == labels[~train]).float().mean().item()
        print("Epoch %d loss %.4f test %.4f" % (epoch, loss.item(), acc))
with torch.no_grad():
    acc = (model(features, propagate)[~train].argmax(1) == labels[~train]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
