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

flip = torch.rand(len(y_train)) < 0.3
y_train[flip] = torch.randint(0, 10, (int(flip.sum()),))
net = nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Dropout(0.3), nn.Linear(48, 10))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
loss_fn = nn.CrossEntropyLoss(label_smoothing=0.1)
for epoch in range(15):
    net.train()
    for xb, yb in DataLoader(TensorDataset(X_train, y_train), batch_size=64, shuffle=True):
        opt.zero_grad()
        loss = loss_fn(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X_test)
    print(epoch, loss.item(), loss_fn(out, y_test).item())
print(f"RESULT val_acc={(out.argmax(1) == y_test).float().mean().item():.4f}")
