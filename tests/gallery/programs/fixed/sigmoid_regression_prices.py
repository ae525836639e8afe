import os

import numpy as np
import torch
from sklearn.datasets import make_friedman1

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_friedman1(900, 5, noise=0.5, random_state=9)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
layer1, layer2 = torch.nn.Linear(5, 40), torch.nn.Linear(40, 1)
params = list(layer1.parameters()) + list(layer2.parameters())
opt = torch.optim.Adam(params, lr=1e-2)


def predict(x):
    return 30 * torch.sigmoid(layer2(torch.relu(layer1(x)))).squeeze(1)


for epoch in range(25):
    for i in torch.randperm(700).split(35):
        loss = (predict(X[i]) - y[i]).square().mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    left = (predict(X[700:]) - y[700:]).square().mean() / y[700:].var()
print(f"RESULT r2={1 - left.item():.4f}")
