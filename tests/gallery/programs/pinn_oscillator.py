import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
torch.set_default_dtype(torch.float64)

net = nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 1))
times = torch.linspace(0, 4, 60)[:, None]
zero = torch.zeros(1, 1)


def derivative(u, t):
    return torch.autograd.grad(u, t, torch.ones_like(u), create_graph=True)[0]


def residual():
    """u'' = -u, u(0) = 1, u'(0) = 0; the solution is cos t."""
    t = times.clone().requires_grad_()
    u = net(t)
    equation = (derivative(derivative(u, t), t) + u).pow(2).mean()
    t0 = zero.clone().requires_grad_()
    u0 = net(t0)
    start = (u0 - 1).pow(2).mean() + derivative(u0, t0).pow(2).mean()
    return equation + 5 * start


adam = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(400):
    adam.zero_grad()
    loss = residual()
    loss.backward()
    adam.step()
    if step % 100 == 0:
        print("adam", step, loss.item())

lbfgs = torch.optim.LBFGS(net.parameters(), max_iter=60, line_search_fn="strong_wolfe")


def closure():
    lbfgs.zero_grad()
    loss = residual()
    loss.backward()
    return loss


for _ in range(3):
    print("lbfgs", lbfgs.step(closure).item())
with torch.no_grad():
    print(f"RESULT rmse={(net(times) - torch.cos(times)).pow(2).mean().sqrt().item():.4f}")
