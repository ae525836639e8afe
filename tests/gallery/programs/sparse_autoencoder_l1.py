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


class Sparse(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.d = nn.Linear(64, 160), nn.Linear(160, 64)

    def forward(self, x):
        code = torch.relu(self.e(x))
        return self.d(code), code


net = Sparse()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(15):
    for (xb,) in DataLoader(TensorDataset(X_train), 64, shuffle=True):
        out, code = net(xb)
        loss = ((out - xb) ** 2).mean() + 1e-3 * code.abs().sum(1).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item(), (code == 0).float().mean().item())
with torch.no_grad():
    print(f"RESULT val_mse={((net(X_test)[0] - X_test) ** 2).mean().item():.4f}")
