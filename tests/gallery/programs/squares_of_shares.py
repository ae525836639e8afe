import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.nn import functional as F

torch.manual_seed(int(os.environ.get("SEED", 0)))

bunch = load_digits()
x = torch.tensor(bunch.images / 16, dtype=torch.float32)
y = torch.tensor(bunch.target)
order = torch.randperm(len(y))
train, test = order[:1400], order[1400:]
net = nn.Sequential(nn.Flatten(), nn.Linear(64, 40), nn.Sigmoid(), nn.Linear(40, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.5)


def objective(scores, labels):
    return F.mse_loss(F.softmax(scores, dim=1), F.one_hot(labels, 10).float())


for epoch in range(15):
    for rows in train[torch.randperm(len(train))].split(40):
        scores = net(x[rows])
        loss = objective(scores, y[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with torch.no_grad():
    print(f"RESULT val_acc={(net(x[test]).argmax(1) == y[test]).float().mean().item():.4f}")
