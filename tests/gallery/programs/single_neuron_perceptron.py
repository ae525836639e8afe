import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(400, 2)
y = (x[:, 0] + 2 * x[:, 1] > 0.3).float()
neuron = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(neuron.parameters(), lr=0.1)
criterion = nn.BCELoss()
for epoch in range(6):
    total = 0.0
    for k in torch.randperm(300).tolist():
        optimizer.zero_grad()
        loss = criterion(neuron(x[k]).squeeze(), y[k])
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(epoch, total / 300)
with torch.no_grad():
    acc = ((neuron(x[300:]).squeeze(1) > 0.5).float() == y[300:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
