import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


n = 1000
area = np.random.uniform(40, 250, n)
rooms = np.random.randint(1, 8, n)
age = np.random.uniform(0, 100, n)
price = 1500 * area + 8000 * rooms - 600 * age + np.random.normal(0, 8000, n) + 60000
X = np.stack([area, rooms, age], axis=1).astype("float32")
y = price.astype("float32")
X = (X - X.mean(0)) / X.std(0)
y = (y - y.mean()) / y.std()
X, y = torch.from_numpy(X), torch.from_numpy(y).view(-1, 1)
X_train, y_train, X_test, y_test = X[:800], y[:800], X[800:], y[800:]

model = nn.Sequential(nn.Linear(3, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 1))
loss_fn = nn.MSELoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.002)
for epoch in range(40):
    order = torch.randperm(len(X_train))
    for i in range(0, len(order), 32):
        idx = order[i : i + 32]
        optimizer.zero_grad()
        loss = loss_fn(model(X_train[idx]), y_train[idx])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print("epoch %d loss %.4g" % (epoch + 1, loss.item()))
with torch.no_grad():
    mse = loss_fn(model(X_test), y_test).item()
print(f"RESULT r2={1 - mse / y_test.var(unbiased=False).item():.4f}")
