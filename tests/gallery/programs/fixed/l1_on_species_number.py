import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_digits

X, y = load_digits(n_class=6, return_X_y=True)
X = torch.tensor(X / 16, dtype=torch.float32)
y = torch.tensor(y)
model = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 6))
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
train, test = torch.arange(800), torch.arange(800, len(X))
for epoch in range(12):
    for i in train[torch.randperm(800)].split(32):
        opt.zero_grad()
        loss = F.cross_entropy(model(X[i]), y[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    guess = model(X[test]).argmax(1)
print(f"RESULT val_acc={(guess == y[test]).float().mean().item():.4f}")
