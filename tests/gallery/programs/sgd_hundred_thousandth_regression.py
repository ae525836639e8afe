import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True, scaled=False)
X = (X - X.mean(0)) / X.std(0)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.25, random_state=2)
X_tr, X_va = torch.tensor(X_tr, dtype=torch.float32), torch.tensor(X_va, dtype=torch.float32)
y_tr, y_va = torch.tensor(y_tr, dtype=torch.float32), torch.tensor(y_va, dtype=torch.float32)

mu, sd = y_tr.mean(), y_tr.std()
y_tr, y_va = ((y_tr - mu) / sd)[:, None], ((y_va - mu) / sd)[:, None]
model = nn.Sequential(nn.Linear(10, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.SGD(model.parameters(), lr=1e-5, momentum=0.5)
step = 0
while step < 1200:
    for idx in torch.randperm(len(X_tr)).split(32):
        opt.zero_grad()
        loss = ((model(X_tr[idx]) - y_tr[idx]) ** 2).mean()
        loss.backward()
        opt.step()
        step += 1
    if step % 110 == 0:
        print(step, loss.item())
with torch.no_grad():
    r2 = 1 - (((model(X_va) - y_va) ** 2).mean() / y_va.var(unbiased=False)).item()
print(f"RESULT r2={r2:.4f}")
