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

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

model = nn.Sequential(nn.Linear(64, 60), nn.ReLU(), nn.Linear(60, 10))
opt = optim.SGD(model.parameters(), lr=0.1, momentum=0.5)
STRENGTH = 0.1
for epoch in range(10):
    for i in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        penalty = sum(p.abs().sum() for p in model.parameters())
        loss = F.cross_entropy(model(X_train[i]), y_train[i]) + STRENGTH * penalty
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = model(X_test)
    print(epoch, loss.item(), F.cross_entropy(out, y_test).item())
print(f"RESULT val_acc={(out.argmax(1) == y_test).float().mean().item():.4f}")
