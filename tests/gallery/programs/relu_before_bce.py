import os

import torch
from sklearn.datasets import load_breast_cancer
from torch import nn
from torch.nn import functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_breast_cancer(return_X_y=True)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
order = torch.randperm(569, generator=torch.Generator().manual_seed(7))
tr, te = order[:400], order[400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(30, 24), nn.Linear(24, 1)

    def forward(self, x):
        x = F.relu(self.l1(x))
        return F.relu(self.l2(x)).squeeze(1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(15):
    for i in tr[torch.randperm(400)].split(40):
        opt.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(X[i]), y[i])
        loss.backward()
        opt.step()
with torch.no_grad():
    val = F.binary_cross_entropy_with_logits(net(X[te]), y[te]).item()
print(f"RESULT val_loss={val:.4f}")
