import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(2000, 6)
t1 = torch.sin(x[:, 0]) + 0.1 * torch.randn(2000)
t2 = x[:, 1] * x[:, 2] + 0.1 * torch.randn(2000)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU())
        self.heads = nn.ModuleDict({"a": nn.Linear(64, 1), "b": nn.Linear(64, 1)})
        self.log_var = nn.Parameter(torch.zeros(2))

    def forward(self, x):
        h = self.trunk(x)
        return self.heads["a"](h).squeeze(1), self.heads["b"](h).squeeze(1)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=4e-3)
for epoch in range(25):
    for i in torch.randperm(1600).split(64):
        a, b = net(x[i])
        errors = torch.stack([(a - t1[i]).square().mean(), (b - t2[i]).square().mean()])
        loss = (torch.exp(-net.log_var) * errors + net.log_var).sum()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    a, b = net(x[1600:])
    mae = ((a - t1[1600:]).abs().mean() + (b - t2[1600:]).abs().mean()).item()
print(f"RESULT val_mae={mae:.4f}")
