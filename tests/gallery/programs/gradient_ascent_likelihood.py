import os

import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(1500, 1) * 4 - 2
y = torch.sin(2 * x) + 0.3 * torch.randn(1500, 1)


class Gaussian(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 2))

    def forward(self, x):
        mean, raw = self.net(x).chunk(2, 1)
        return Normal(mean, nn.functional.softplus(raw) + 0.05)


model = Gaussian()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.randperm(1200).split(60):
        loss = model(x[i]).log_prob(y[i]).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    nll = -model(x[1200:]).log_prob(y[1200:]).mean().item()
print(f"RESULT val_nll={nll:.4f}")
