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

net = nn.Sequential(nn.Linear(64, 100), nn.ReLU(), nn.Linear(100, 10))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(10):
    for i in torch.randperm(len(X_train)).split(128):
        optimizer.zero_grad()
        loss = criterion(net(X_train[i]), y_train[i])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X_test).argmax(1) == y_test).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
