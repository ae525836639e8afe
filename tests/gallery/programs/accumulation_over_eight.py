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

net = nn.Sequential(nn.Linear(64, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.AdamW(net.parameters(), lr=3e-3)
loader = DataLoader(TensorDataset(X_train, y_train), batch_size=8, shuffle=True)
for epoch in range(8):
    for n, (xb, yb) in enumerate(loader, 1):
        (nn.functional.cross_entropy(net(xb), yb) / 8).backward()
        if n % 8 == 0 or n == len(loader):
            opt.step()
            opt.zero_grad(set_to_none=True)
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
