import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16.0, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(len(x))
tr, va = perm[:1400], perm[1400:]


class Mixture(nn.Module):
    """Four experts, mixed by a gate."""

    def __init__(self, experts=4, width=24):
        super().__init__()
        self.gate = nn.Linear(64, experts)
        self.experts = nn.ModuleList(
            [nn.Sequential(nn.Linear(64, width), nn.ReLU(), nn.Linear(width, 10)) for _ in range(experts)]
        )

    def forward(self, x):
        weights = torch.softmax(self.gate(x), dim=1)
        answers = torch.stack([expert(x) for expert in self.experts], dim=1)
        return torch.einsum("be,bek->bk", weights, answers)


mixture = Mixture()
opt = torch.optim.Adam(mixture.parameters(), lr=3e-3)
for epoch in range(12):
    mixture.train()
    for rows in tr[torch.randperm(1400)].split(50):
        loss = F.cross_entropy(mixture(x[rows]), y[rows])
        opt.zero_grad()
        loss.backward()
        opt.step()
    mixture.eval()
    with torch.no_grad():
        val_loss = F.cross_entropy(mixture(x[va]), y[va]).item()
    print(f"epoch {epoch}: loss {loss.item():.4f} val_loss {val_loss:.4f}")
print(f"RESULT val_loss={val_loss:.4f}")
