import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.linspace(-1, 1, 40, dtype=torch.float64).unsqueeze(1)
y = torch.sin(3 * x)
net = nn.Sequential(nn.Linear(1, 20), nn.Tanh(), nn.Linear(20, 20), nn.Tanh(), nn.Linear(20, 1)).double()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(600):
    opt.zero_grad()
    loss = ((net(x) - y) ** 2).mean()
    loss.backward()
    opt.step()
    if epoch % 100 == 0:
        print(epoch, loss.item())
print(f"RESULT train_mse={loss.item():.6f}")
