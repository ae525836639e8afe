import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
rng = np.random.default_rng(SEED)
torch.manual_seed(SEED)

n, k = 300, 3
labels = rng.integers(0, k, n)
p = np.where(labels[:, None] == labels[None], 0.06, 0.006)
upper = np.triu(rng.random((n, n)) < p, 1)
A = torch.tensor((upper | upper.T).astype(np.float32)) + torch.eye(n)
d = A.sum(1).rsqrt()
A_hat = d[:, None] * A * d[None]
features = torch.tensor(
    np.eye(k)[labels] @ rng.normal(size=(k, 16)) * 0.5 + rng.normal(size=(n, 16)), dtype=torch.float32
)
y = torch.tensor(labels)
train_mask = torch.zeros(n, dtype=torch.bool)
for c in range(k):
    train_mask[np.flatnonzero(labels == c)[:10]] = True


class GCN(nn.Module):
    def __init__(self):
        super().__init__()
        self.w1 = nn.Parameter(nn.init.xavier_uniform_(torch.empty(16, 16)))
        self.w2 = nn.Parameter(nn.init.xavier_uniform_(torch.empty(16, k)))

    def forward(self, x):
        h = F.relu(A_hat @ x @ self.w1)
        return A_hat @ F.dropout(h, 0.5, self.training) @ self.w2


gcn = GCN()
optimizer = torch.optim.Adam(gcn.parameters(), lr=0.01, weight_decay=5e-4)
for epoch in range(120):
    gcn.train()
    optimizer.zero_grad()
    out = gcn(features)
    loss = F.cross_entropy(out[train_mask], y[train_mask])
    loss.backward()
    optimizer.step()
    if epoch % 20 == 0:
        gcn.eval()
        with torch.no_grad():
            test = (gcn(features).argmax(1) == y)[~train_mask].float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} test {test:.4f}")
gcn.eval()
with torch.no_grad():
    acc = (gcn(features).argmax(1) == y)[~train_mask].float().mean().item()
print(f"RESULT test_acc={acc:.4f}")
