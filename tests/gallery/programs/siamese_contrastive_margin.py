import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.metrics import roc_auc_score
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
p = torch.randperm(1797)
tr, va = p[:1400], p[1400:]
rows = {c: tr[y[tr] == c] for c in range(10)}


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 64), nn.PReLU(), nn.Linear(64, 8))

    def forward(self, a, b):
        return F.pairwise_distance(self.body(a), self.body(b))


net = Siamese()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for step in range(500):
    a = tr[torch.randint(0, 1400, (64,))]
    b = tr[torch.randint(0, 1400, (64,))].clone()
    for k in range(32):
        same = rows[int(y[a[k]])]
        b[k] = same[torch.randint(0, len(same), ())]
    same = (y[a] == y[b]).float()
    d = net(X[a], X[b])
    loss = (same * d.pow(2) + (1 - same) * F.relu(1.0 - d).pow(2)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 100 == 0:
        print(step, loss.item())
a, b = va[torch.randint(0, 397, (2000,))], va[torch.randint(0, 397, (2000,))]
with torch.no_grad():
    auc = roc_auc_score((y[a] == y[b]).numpy(), -net(X[a], X[b]).numpy())
print(f"RESULT pair_auc={auc:.4f}")
