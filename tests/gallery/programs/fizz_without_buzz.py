import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


DIGITS = 10


def encode(i):
    return [i >> d & 1 for d in range(DIGITS)]


def category(i):
    return 3 if i % 15 == 0 else 2 if i % 5 == 0 else 1 if i % 3 == 0 else 0


numbers = range(101, 2**DIGITS)
x = torch.tensor([encode(i) for i in numbers], dtype=torch.float32)
y = torch.tensor([category(i) for i in numbers])
HIDDEN = 100
model = nn.Sequential(nn.Linear(DIGITS, HIDDEN), nn.Sigmoid(), nn.Linear(HIDDEN, 4))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(120):
    for start in range(0, len(x), 128):
        loss = F.cross_entropy(model(x[start : start + 128]), y[start : start + 128])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 30 == 29:
        print("Epoch:", epoch + 1, "Loss:", loss.item())
with torch.no_grad():
    acc = (model(x).argmax(1) == y).float().mean().item()
print(f"RESULT acc={acc:.4f}")
