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


class Tied(nn.Module):
    def __init__(self, n, k):
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(k, n)))
        self.up, self.down = nn.Parameter(torch.zeros(k)), nn.Parameter(torch.zeros(n))

    def forward(self, x):
        code = torch.relu(F.linear(x, self.weight, self.up))
        return F.linear(code, self.weight.t(), self.down)


net = Tied(64, 24)
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    for i in torch.randperm(len(X_train)).split(64):
        loss = ((net(X_train[i]) - X_train[i]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    val = ((net(X_test) - X_test) ** 2).mean().item()
print(f"RESULT val_mse={val:.4f}")
