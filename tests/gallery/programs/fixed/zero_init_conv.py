import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
images, labels = load_digits(return_X_y=True)
images = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 16
labels = torch.tensor(labels)
mix = torch.randperm(len(labels))
images, labels = images[mix], labels[mix]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.fc1 = nn.Linear(256, 48)
        self.fc2 = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.tanh(self.conv(x)), 2).flatten(1)
        return self.fc2(torch.tanh(self.fc1(x)))


def reset(module):
    if isinstance(module, (nn.Linear, nn.Conv2d)):
        nn.init.xavier_uniform_(module.weight)
        nn.init.zeros_(module.bias)


net = Net()
net.apply(reset)
optimizer = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    for i in range(0, 1400, 40):
        loss = F.cross_entropy(net(images[i : i + 40]), labels[i : i + 40])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (net(images[1400:]).argmax(1) == labels[1400:]).float().mean().item()
    print("epoch", epoch, "loss", loss.item(), "acc", acc)
print(f"RESULT val_acc={acc:.4f}")
