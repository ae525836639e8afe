import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)

from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=4, stratify=y)
X_train, X_test = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_test, dtype=torch.float32)
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
model = nn.Sequential(nn.Linear(13, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 3))
opt = optim.Adam(model.parameters(), lr=3e-3)
for it in range(300):
    opt.zero_grad()
    loss = F.cross_entropy(model(X_train), y_train)
    loss.backward()
    opt.step()
    if it % 50 == 0:
        with torch.no_grad():
            print(it, loss.item(), F.cross_entropy(model(X_test), y_test).item())
with torch.no_grad():
    acc = (model(X_test).argmax(-1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
