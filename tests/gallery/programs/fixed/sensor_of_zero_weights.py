import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import make_blobs

X, y = make_blobs(1200, centers=4, n_features=6, cluster_std=2.0, random_state=7)
mixed = np.random.permutation(1200)
X, y = X[mixed], y[mixed]
X = (X - X.mean(0)) / X.std(0)
X_val, y_val = torch.tensor(X[1000:], dtype=torch.float32), torch.tensor(y[1000:])
X, y = X[:1000], y[:1000]
order = np.arange(1000)
np.random.shuffle(order)
X, y = torch.tensor(X[order], dtype=torch.float32), torch.tensor(y[order])


class Sensor(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(6, 24)
        self.fc2 = nn.Linear(24, 4)
        self.reset_parameters()

    def reset_parameters(self):
        for layer in (self.fc1, self.fc2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        return self.fc2(torch.tanh(self.fc1(x)))


model = Sensor()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(10):
    for i in range(0, 1000, 25):
        loss = F.cross_entropy(model(X[i : i + 25]), y[i : i + 25])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item())
with torch.no_grad():
    val_acc = (model(X_val).argmax(1) == y_val).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
