import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


n = 900
area = np.random.uniform(200, 9000, n)
volume = area * np.random.uniform(2.5, 10, n)
glazing = np.random.uniform(0, 0.4, n)
year = np.random.randint(1900, 2022, n)
load = 12 + 0.002 * area + 30 * glazing - 0.08 * (year - 1960) + np.random.normal(0, 0.8, n)
X = np.column_stack([area, volume, glazing, year]).astype(np.float32)
y = ((load - load.mean()) / load.std()).astype(np.float32)
X_train, y_train = torch.from_numpy(X[:700]), torch.from_numpy(y[:700]).unsqueeze(1)
X_test, y_test = torch.from_numpy(X[700:]), torch.from_numpy(y[700:]).unsqueeze(1)

model = nn.Sequential(nn.Linear(4, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
criterion = nn.MSELoss()
for epoch in range(50):
    permutation = torch.randperm(700)
    for k in range(0, 700, 35):
        rows = permutation[k : k + 35]
        optimizer.zero_grad()
        loss = criterion(model(X_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1} mse {loss.item():.4f}")
with torch.no_grad():
    r2 = 1 - criterion(model(X_test), y_test).item() / y_test.var().item()
print(f"RESULT r2={r2:.4f}")
