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

mods = []
for k in range(20):
    mods += [nn.Linear(64 if k == 0 else 50, 50), nn.SELU()]
net = nn.Sequential(*mods, nn.AlphaDropout(0.02), nn.Linear(50, 10))
for m in net:
    if isinstance(m, nn.Linear):
        nn.init.kaiming_normal_(m.weight, nonlinearity="linear")
        nn.init.zeros_(m.bias)
X_train, X_test = (X_train - 0.3) / 0.37, (X_test - 0.3) / 0.37
opt = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for epoch in range(10):
    net.train()
    for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=32, shuffle=True):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
net.eval()
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
