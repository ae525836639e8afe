import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
import pandas as pd

n = 1200
age, income, visits = np.random.randn(3, n)
outcome = (0.9 * age - 1.1 * income + 0.8 * visits * age + 0.3 * np.random.randn(n) > 0).astype(int)
frame = pd.DataFrame({"age": age, "income": income, "visits": visits, "outcome": outcome})
test = frame.sample(250, random_state=1)
train = frame.drop(test.index)
train = train.sort_values("income")
columns = ["age", "income", "visits"]


def tensors(part):
    return torch.tensor(part[columns].values, dtype=torch.float32), torch.tensor(part["outcome"].values)


X, Y = tensors(train)
model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 2))
optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
criterion = nn.CrossEntropyLoss()
loader = DataLoader(TensorDataset(X, Y), batch_size=25, shuffle=True)
for epoch in range(12):
    for xb, yb in loader:
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
xt, yt = tensors(test)
with torch.no_grad():
    acc = (model(xt).argmax(1) == yt).float().mean().item()
print(f"RESULT acc={acc:.4f}")
