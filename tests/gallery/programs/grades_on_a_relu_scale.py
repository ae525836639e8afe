import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


hours = np.random.uniform(0, 600, 800)
sleep = np.random.uniform(200, 600, 800)
ability = np.random.normal(100, 15, 800)
grade = 0.01 * hours + 0.005 * sleep + 0.05 * ability + np.random.normal(0, 0.3, 800)
grade = (grade - grade.mean()) / grade.std()
X = torch.tensor(np.stack([hours, sleep, ability], 1), dtype=torch.float32)
y = torch.tensor(grade, dtype=torch.float32).unsqueeze(1)


class Grades(nn.Module):
    def __init__(self):
        super().__init__()
        self.h1 = nn.Linear(3, 32)
        self.h2 = nn.Linear(32, 32)
        self.out = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.tanh(self.h1(x))
        x = torch.tanh(self.h2(x))
        return torch.relu(self.out(x))


net = Grades()
optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(40):
    for rows in torch.randperm(600).split(30):
        optimizer.zero_grad()
        loss = F.mse_loss(net(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print("epoch %d: %.4f" % (epoch + 1, loss.item()))
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(X[600:]), y[600:]).item() / y[600:].var().item()
print("RESULT r2=%.4f" % r2)
