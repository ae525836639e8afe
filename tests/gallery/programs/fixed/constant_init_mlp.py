import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
x = torch.tensor(d.data / 16, dtype=torch.float32)
y = torch.tensor(d.target)
order = torch.randperm(len(x))
x, y = x[order], y[order]
model = nn.Sequential(nn.Linear(64, 40), nn.ReLU(), nn.Linear(40, 10))
for p in model.parameters():
    nn.init.normal_(p, std=0.1)
loss_fn, optim = nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(20):
    for i in torch.randperm(1300).split(65):
        optim.zero_grad()
        loss = loss_fn(model(x[i]), y[i])
        loss.backward()
        optim.step()
    if epoch % 4 == 0:
        print(epoch, round(loss.item(), 4))
with torch.no_grad():
    acc = (model(x[1300:]).argmax(1) == y[1300:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
