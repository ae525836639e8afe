import math
import os

import torch
from sklearn.datasets import make_moons
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)


def moons(n, state):
    x, _ = make_moons(n, noise=0.08, random_state=state)
    return torch.tensor((x - [0.5, 0.25]) / [0.87, 0.5], dtype=torch.float32)


class Coupling(nn.Module):
    def __init__(self, flip):
        super().__init__()
        self.flip = flip
        self.net = nn.Sequential(nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 2))
        nn.init.zeros_(self.net[-1].weight)
        nn.init.zeros_(self.net[-1].bias)

    def forward(self, x):
        a, b = x[:, :1], x[:, 1:]
        if self.flip:
            a, b = b, a
        s, t = self.net(a).chunk(2, 1)
        s = torch.tanh(s)
        b = b * torch.exp(s) + t
        return torch.cat([b, a] if self.flip else [a, b], 1), s.squeeze(1)


flow = nn.ModuleList(Coupling(i % 2 == 1) for i in range(6))


def nll(x):
    log_det = torch.zeros(len(x))
    for layer in flow:
        x, ld = layer(x)
        log_det = log_det + ld
    return (0.5 * (x**2).sum(1) + math.log(2 * math.pi) - log_det).mean()


train, val = moons(3000, seed), moons(600, seed + 100)
opt = torch.optim.Adam(flow.parameters(), lr=3e-3)
for step in range(350):
    loss = nll(train[torch.randint(0, 3000, (200,))])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
with torch.no_grad():
    print(f"RESULT val_nll={nll(val).item():.4f}")
