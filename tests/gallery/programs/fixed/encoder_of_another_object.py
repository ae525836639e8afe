import os

import torch
from sklearn.datasets import load_digits
from torch import nn


def encoder(code):
    return nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, code), nn.ReLU())


class Pipeline:
    """Not a module: two networks and how they are called."""

    def __init__(self, code=6):
        self.encode = encoder(code)
        self.classify = nn.Linear(code, 10)

    def __call__(self, x):
        return self.classify(self.encode(x))

    def parameters(self):
        return [*self.encode.parameters(), *self.classify.parameters()]


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
rows = torch.randperm(len(x))
train, val = rows[:1400], rows[1400:]
pipeline = Pipeline()
optimizer = torch.optim.Adam(pipeline.parameters(), lr=5e-3)
for epoch in range(20):
    for batch in train[torch.randperm(1400)].split(35):
        loss = nn.functional.cross_entropy(pipeline(x[batch]), y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", round(loss.item(), 4))
with torch.no_grad():
    val_acc = (pipeline(x[val]).argmax(1) == y[val]).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
