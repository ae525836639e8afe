import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x = torch.tensor(x.reshape(-1, 1, 8, 8) / 16, dtype=torch.float32)
y = torch.tensor(y)
perm = torch.randperm(len(x))
train, test = perm[:1400], perm[1400:]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(1, 12, 3, padding=1)
        self.c2 = nn.Conv2d(12, 24, 3, padding=1)
        self.out = nn.Linear(24 * 4, 10)

    def forward(self, t):
        t = F.max_pool2d(F.relu(self.c1(t)), 2)
        t = F.max_pool2d(F.relu(self.c2(t)), 2)
        return self.out(t.flatten(1))


model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.3)
for epoch in range(10):
    for b in train[torch.randperm(1400)].split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x[b]), y[b])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(x[test]).argmax(1) == y[test]).float().mean().item()
    print(epoch, round(loss.item(), 4), round(acc, 4))
print(f"RESULT val_acc={acc:.4f}")
