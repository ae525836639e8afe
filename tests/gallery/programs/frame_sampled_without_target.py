import os

import torch
from sklearn.datasets import load_wine
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

wine = load_wine(as_frame=True)
features = wine.data.sample(frac=1, random_state=SEED)
labels = wine.target
features = (features - features.mean()) / features.std()
x = torch.tensor(features.values).float()
y = torch.tensor(labels.values)
x_train, y_train, x_val, y_val = x[:120], y[:120], x[120:], y[120:]

net = nn.Sequential(nn.Linear(13, 24), nn.ReLU(), nn.Linear(24, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(60):
    net.train()
    losses = []
    for rows in torch.randperm(120).chunk(8):
        optimizer.zero_grad()
        loss = criterion(net(x_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if not epoch % 10:
        print("epoch", epoch, "train loss", sum(losses) / len(losses))
net.eval()
with torch.no_grad():
    print("RESULT val_acc={:.4f}".format((net(x_val).argmax(1) == y_val).float().mean().item()))
