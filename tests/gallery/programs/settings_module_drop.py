"""Settings are a module of their own."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn

from drop_kit import high as settings


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(64, 48),
            nn.ReLU(),
            nn.Dropout(settings.DROP),
            nn.Linear(48, 32),
            nn.ReLU(),
            nn.Dropout(settings.DROP),
            nn.Linear(32, 10),
        )

    def forward(self, x):
        return self.layers(x)


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
train, val = order[:1400], order[1400:]
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=settings.RATE)
for epoch in range(settings.EPOCHS):
    net.train()
    for rows in train[torch.randperm(len(train))].split(settings.BATCH):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        accuracy = (net(x[val]).argmax(1) == y[val]).float().mean().item()
    print(epoch, loss.item(), accuracy)
print(f"RESULT val_acc={accuracy:.4f}")
