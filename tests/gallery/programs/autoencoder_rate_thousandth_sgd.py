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

net = nn.Sequential(
    nn.Linear(64, 32),
    nn.ReLU(),
    nn.Linear(32, 10),
    nn.ReLU(),
    nn.Linear(10, 32),
    nn.ReLU(),
    nn.Linear(32, 64),
)
opt = torch.optim.SGD(net.parameters(), lr=1e-3)
for epoch in range(15):
    for i in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        loss = F.mse_loss(net(X_train[i]), X_train[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = F.mse_loss(net(X_test), X_test).item()
    print(epoch, loss.item(), val)
print(f"RESULT val_mse={val:.4f}")
