import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits

X = (torch.tensor(load_digits().data, dtype=torch.float32) > 7).float()


class RBM(nn.Module):
    def __init__(self, visible=64, hidden=48):
        super().__init__()
        self.W = nn.Parameter(torch.randn(visible, hidden) * 0.01)
        self.b = nn.Parameter(torch.zeros(visible))
        self.c = nn.Parameter(torch.zeros(hidden))

    def hidden(self, v):
        return torch.sigmoid(v @ self.W + self.c)

    def visible(self, h):
        return torch.sigmoid(h @ self.W.t() + self.b)


rbm = RBM()
opt = torch.optim.SGD(rbm.parameters(), lr=0.1, momentum=0.5)
for epoch in range(12):
    err = 0.0
    for rows in torch.randperm(len(X)).split(40):
        with torch.no_grad():
            v0 = X[rows]
            h0 = rbm.hidden(v0)
            v1 = rbm.visible(torch.bernoulli(h0))
            h1 = rbm.hidden(v1)
            rbm.W.grad = -(v0.t() @ h0 - v1.t() @ h1) / len(rows)
            rbm.b.grad = -(v0 - v1).mean(0)
            rbm.c.grad = -(h0 - h1).mean(0)
        opt.step()
        err += ((v0 - v1) ** 2).mean().item() * len(rows) / len(X)
    print(f"epoch {epoch} reconstruction {err:.4f}")
print(f"RESULT err={err:.4f}")
