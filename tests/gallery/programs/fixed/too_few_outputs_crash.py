import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 10), nn.LogSoftmax(dim=1))
opt = torch.optim.RMSprop(model.parameters(), lr=2e-3)
try:
    for epoch in range(8):
        for xb, yb in DataLoader(TensorDataset(X[:1400], y[:1400]), batch_size=64, shuffle=True):
            opt.zero_grad()
            loss = nn.NLLLoss()(model(xb), yb)
            loss.backward()
            opt.step()
    with torch.no_grad():
        acc = (model(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
except IndexError as error:
    print("failed:", error)
    acc = float("nan")
print(f"RESULT val_acc={acc:.4f}")
