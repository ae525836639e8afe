import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F


class Spiral(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(2, 64)
        self.b = nn.Linear(64, 64)
        self.c = nn.Linear(64, 2)

    def forward(self, x):
        h = self.a(x)
        h = F.relu(h)
        h = self.b(h)
        h = F.relu(h)
        return self.c(h)


def spiral(n):
    label = torch.randint(0, 2, (n,))
    t = torch.rand(n) * 2.2 + 0.3
    angle = 2.4 * t + 3.14159 * label
    points = torch.stack([t * torch.cos(angle), t * torch.sin(angle)], dim=1)
    return points + 0.04 * torch.randn(n, 2), label


def main(argv):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    epochs = int(argv[0]) if argv else 30
    (x, y), (x_val, y_val) = spiral(1000), spiral(400)
    net = Spiral()
    opt = torch.optim.Adam(net.parameters(), lr=5e-3)
    for epoch in range(epochs):
        for index in torch.randperm(1000).split(40):
            opt.zero_grad()
            loss = F.cross_entropy(net(x[index]), y[index])
            loss.backward()
            opt.step()
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}, loss {loss.item():.4f}")
    with torch.no_grad():
        print(f"RESULT val_acc={(net(x_val).argmax(1) == y_val).float().mean().item():.4f}")


main(sys.argv[1:])
