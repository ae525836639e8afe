import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    for i in torch.randperm(len(X_train)).split(64):
        opt.zero_grad()
        F.cross_entropy(net(X_train[i]), y_train[i]).backward()
        opt.step()
for p in net.parameters():
    p.requires_grad_(False)
picture = torch.full((1, 64), 0.3, requires_grad=True)
dream = torch.optim.Adam([picture], lr=0.05)
for it in range(100):
    dream.zero_grad()
    loss = F.cross_entropy(net(picture), torch.tensor([3]))
    loss.backward()
    dream.step()
print(f"RESULT loss={loss.item():.4f}")
