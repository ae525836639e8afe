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


class Slots(nn.Module):
    def __init__(self, slots=4):
        super().__init__()
        self.phi, self.up, self.out = nn.Linear(8, slots), nn.Linear(8, 32), nn.Linear(32 * slots, 10)

    def forward(self, x):
        x = x.view(-1, 8, 8)
        w = torch.softmax(self.phi(x), dim=1)
        return self.out(torch.relu(self.up(w.transpose(1, 2) @ x)).flatten(1))


net = Slots()
opt = optim.Adam(net.parameters(), lr=8e-3)
for epoch in range(20):
    for i in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        F.cross_entropy(net(X_train[i]), y_train[i]).backward()
        opt.step()
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
