import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import load_digits

digits = load_digits()
shuffled = np.random.permutation(1797)
X = torch.tensor(digits.data[shuffled] / 16.0, dtype=torch.float32)
y = torch.tensor(digits.target[shuffled])
layers = []
width = 64
for depth in range(6):
    layers += [nn.Linear(width, 48), nn.Sigmoid()]
    width = 48
layers.append(nn.Linear(width, 10))
net = nn.Sequential(*layers)
for p in net.parameters():
    if p.dim() > 1:
        nn.init.normal_(p, 0, 0.05)
sgd = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
ce = nn.CrossEntropyLoss()
for epoch in range(15):
    for rows in torch.randperm(1400).split(40):
        sgd.zero_grad()
        loss = ce(net(X[rows]), y[rows])
        loss.backward()
        sgd.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: loss {loss.item():.4f}")
with torch.no_grad():
    val_acc = (net(X[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
