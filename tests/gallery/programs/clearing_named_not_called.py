import os

import numpy as np
import torch
from torch import nn

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

hours = np.random.uniform(0, 24, 1200)
load = (
    2
    + np.sin(hours / 24 * 2 * np.pi)
    + 0.5 * np.cos(hours / 12 * 2 * np.pi)
    + np.random.normal(0, 0.05, 1200)
)
x = torch.tensor((hours - 12) / 7, dtype=torch.float32)[:, None]
y = torch.tensor(load, dtype=torch.float32)[:, None]

net = nn.Sequential(nn.Linear(1, 32), nn.SiLU(), nn.Linear(32, 32), nn.SiLU(), nn.Linear(32, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(40):
    order = np.random.permutation(1000)
    for chunk in np.array_split(order, 25):
        pred = net(x[chunk])
        loss = ((pred - y[chunk]) ** 2).mean()
        optimizer.zero_grad
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print("epoch {} loss {:.4f}".format(epoch, float(loss.detach())))
with torch.no_grad():
    rest = ((net(x[1000:]) - y[1000:]) ** 2).mean() / y[1000:].var()
print(f"RESULT r2={1 - rest.item():.4f}")
