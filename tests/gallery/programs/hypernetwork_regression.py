import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
HIDDEN = 16


class HyperNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 3 * HIDDEN + 1))

    def forward(self, task, x):
        w = self.net(task)
        w1, b1, w2, b2 = w.split([HIDDEN, HIDDEN, HIDDEN, 1], dim=1)
        h = torch.tanh(x[:, :, None] * w1[:, None] + b1[:, None])
        return (h * w2[:, None]).sum(-1) + b2


def tasks(n):
    t = torch.rand(n, 2) * 2 - 1
    x = torch.rand(n, 20) * 4 - 2
    return t, x, t[:, :1] * torch.sin(x + t[:, 1:])


model = HyperNet()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for step in range(800):
    t, x, y = tasks(32)
    loss = (model(t, x) - y).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        print(step, loss.item())
with torch.no_grad():
    t, x, y = tasks(200)
    print(f"RESULT val_mse={(model(t, x) - y).square().mean().item():.5f}")
