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

net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
sched = optim.lr_scheduler.MultiStepLR(opt, milestones=[8, 14, 18], gamma=0.1)
for epoch in range(20):
    for i in torch.randperm(len(X_train)).split(64):
        opt.zero_grad()
        loss = F.cross_entropy(net(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
    sched.step()
    print(epoch, loss.item(), opt.param_groups[0]["lr"])
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
