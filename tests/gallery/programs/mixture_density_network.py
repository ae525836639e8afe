import os

import torch
from torch import nn
from torch.distributions import Categorical, MixtureSameFamily, Normal

torch.manual_seed(int(os.environ.get("SEED", 0)))
y = torch.rand(2500) * 2 - 1
x = y + 0.5 * torch.sin(2 * torch.pi * y) + 0.05 * torch.randn(2500)
x, y = (x / x.std())[:, None], y / y.std()


class MDN(nn.Module):
    def __init__(self, k=4):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(1, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
        self.pi, self.mu, self.sigma = nn.Linear(64, k), nn.Linear(64, k), nn.Linear(64, k)

    def forward(self, x):
        h = self.trunk(x)
        scale = nn.functional.softplus(self.sigma(h)) + 1e-2
        return MixtureSameFamily(Categorical(logits=self.pi(h)), Normal(self.mu(h), scale))


net = MDN()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(450):
    rows = torch.randint(0, 2000, (128,))
    loss = -net(x[rows]).log_prob(y[rows]).mean()
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
    opt.step()
    if step % 50 == 0:
        print(step, round(loss.item(), 3))
with torch.no_grad():
    val = -net(x[2000:]).log_prob(y[2000:]).mean().item()
print(f"RESULT val_nll={val:.4f}")
