import os
import warnings

import numpy as np
import torch
from sklearn.datasets import load_diabetes
from torch import nn

warnings.filterwarnings("ignore")
torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_diabetes(return_X_y=True)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32).reshape(-1, 1)
order = torch.randperm(442, generator=torch.Generator().manual_seed(3))
tr, te = order[:350], order[350:]


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(10, 20), nn.Linear(20, 1)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


model, criterion = Regressor(), nn.L1Loss()
opt = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
for epoch in range(25):
    for i in tr[torch.randperm(350)].split(25):
        opt.zero_grad()
        criterion(model(X[i]), y[i]).backward()
        opt.step()
with torch.no_grad():
    left = ((model(X[te]).flatten() - y[te].flatten()) ** 2).mean() / y[te].var()
print(f"RESULT r2={1 - left.item():.4f}")
