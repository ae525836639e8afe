import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


x = torch.linspace(-50, 50, 500).unsqueeze(1)
y = x**2 + 5 * torch.randn(500, 1)
x = x / 29
y = (y - 834) / 746
net = nn.Sequential(nn.Linear(1, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
for t in range(100):
    for i in torch.randperm(500).split(50):
        prediction = net(x[i])
        loss = F.mse_loss(prediction, y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if t % 25 == 0:
        print(t, loss.item())
with torch.no_grad():
    r2 = 1 - F.mse_loss(net(x), y).item() / y.var(unbiased=False).item()
print("RESULT r2=%.4f" % r2)
