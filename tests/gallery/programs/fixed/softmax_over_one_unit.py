import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import make_circles

X, y = make_circles(600, noise=0.08, factor=0.5, random_state=SEED)
X = torch.tensor(X, dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32).unsqueeze(1)


class Circles(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.fc1 = nn.Linear(2, hidden)
        self.fc2 = nn.Linear(hidden, hidden)
        self.fc3 = nn.Linear(hidden, 1)
        self.final = nn.Sigmoid()

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.final(self.fc3(x))


model = Circles()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(30):
    for idx in torch.randperm(600).split(30):
        loss = F.binary_cross_entropy(model(X[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with torch.no_grad():
    acc = ((model(X) > 0.5).float() == y).float().mean().item()
print(f"RESULT acc={acc:.4f}")
