import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn


class ConvNet(nn.Module):
    def __init__(self, channels: int = 12) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.fc1 = nn.Linear(channels * 16, 40)
        self.fc2 = nn.Linear(40, 10)
        self.reset()

    def reset(self, gain: float = 0.001) -> None:
        for child in self.children():
            fan_in = child.weight[0].numel()
            nn.init.normal_(child.weight, 0.0, gain * (2.0 / fan_in) ** 0.5)
            nn.init.zeros_(child.bias)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


torch.manual_seed(int(os.environ.get("SEED", 0)))
digits = load_digits()
x = torch.tensor(digits.images[:, None] / 16, dtype=torch.float32)
y = torch.tensor(digits.target)
perm = torch.randperm(len(x))
train, val = perm[:1400], perm[1400:]
net = ConvNet()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for epoch in range(8):
    net.train()
    for rows in train[torch.randperm(1400)].split(50):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        val_acc = (net(x[val]).argmax(1) == y[val]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val_acc {val_acc:.4f}")
print(f"RESULT val_acc={val_acc:.4f}")
