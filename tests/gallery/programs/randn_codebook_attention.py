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


class Perceiver(nn.Module):
    def __init__(self):
        super().__init__()
        self.latent = nn.Parameter(torch.randn(16, 16))
        self.k, self.v, self.out = nn.Linear(8, 16), nn.Linear(8, 16), nn.Linear(256, 10)

    def forward(self, x):
        x = x.view(-1, 8, 8)
        a = torch.softmax(self.latent @ self.k(x).transpose(1, 2) / 4, -1)
        return self.out(F.gelu(a @ self.v(x)).flatten(1))


net = Perceiver()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(12):
    for i in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        F.cross_entropy(net(X_train[i]), y_train[i]).backward()
        opt.step()
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
