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

body, head, ink = nn.Sequential(nn.Linear(64, 64), nn.ReLU()), nn.Linear(64, 10), nn.Linear(64, 1)
opt = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=2e-3)
oi = torch.optim.Adam(ink.parameters(), lr=2e-3)
for epoch in range(10):
    for xb, yb in DataLoader(TensorDataset(X_train, y_train), 48, shuffle=True):
        h = body(xb)
        dark = (xb.mean(1, keepdim=True) > 0.3).float()
        guess = nn.functional.binary_cross_entropy_with_logits(ink(h.detach()), dark)
        oi.zero_grad()
        guess.backward()
        oi.step()
        loss = nn.functional.cross_entropy(
            head(h), yb
        ) - 0.02 * nn.functional.binary_cross_entropy_with_logits(ink(h), dark)
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    acc = (head(body(X_test)).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
