import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True)
order = np.random.permutation(len(X))
X, y = torch.tensor(X[order] / 16, dtype=torch.float32), torch.tensor(y[order])
onehot = F.one_hot(y, 10).float()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(64, 32)
        self.second = nn.Linear(32, 10)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(20):
    for i in range(0, 1400, 40):
        out = net(X[i : i + 40])
        loss = F.cross_entropy(out, y[i : i + 40])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    val_acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
