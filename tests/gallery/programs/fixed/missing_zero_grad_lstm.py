import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def make(n):
    x = torch.randn(n, 16, 1)
    return x, (x[:, :8].sum((1, 2)) > x[:, 8:].sum((1, 2))).long()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 24, batch_first=True)
        self.fc = nn.Linear(24, 2)

    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return self.fc(h[-1])


x, y = make(1500)
xv, yv = make(400)
net, criterion = Net(), nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.3, momentum=0.9)
for epoch in range(16):
    for idx in torch.randperm(1500).split(50):
        loss = criterion(net(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (net(xv).argmax(1) == yv).float().mean().item()
    print("epoch", epoch, "loss", round(loss.item(), 4), "acc", round(acc, 4))
print(f"RESULT val_acc={acc:.4f}")
