import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

f = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Linear(96, 32))
g = nn.Linear(32, 16)
opt = torch.optim.Adam([*f.parameters(), *g.parameters()], lr=1e-3)


def nt_xent(a, b, t=0.2):
    z = nn.functional.normalize(torch.cat([a, b]), dim=1)
    sim = z @ z.t() / t
    sim.fill_diagonal_(-1e9)
    n = len(a)
    return nn.functional.cross_entropy(sim, torch.cat([torch.arange(n, 2 * n), torch.arange(n)]))


for epoch in range(8):
    for (xb,) in DataLoader(TensorDataset(X_train), batch_size=96, shuffle=True, drop_last=True):
        one, two = (xb + 0.2 * torch.randn_like(xb) for _ in range(2))
        loss = nt_xent(g(f(one)), g(f(two)))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    a, b = nn.functional.normalize(f(X_train)), nn.functional.normalize(f(X_test))
    acc = (y_train[(b @ a.t()).argmax(1)] == y_test).float().mean().item()
print(f"RESULT knn={acc:.4f}")
