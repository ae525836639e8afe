import os

import torch
from torch import nn
from torch.func import functional_call, grad, vmap

torch.manual_seed(int(os.environ.get("SEED", 0)))
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
params = {k: v.detach().clone().requires_grad_() for k, v in net.named_parameters()}
opt = torch.optim.Adam(params.values(), lr=3e-3)


def loss_fn(p, x, y):
    return ((functional_call(net, p, (x,)) - y) ** 2).mean()


def adapt(p, x, y, inner=0.1):
    g = grad(loss_fn)(p, x, y)
    return {k: p[k] - inner * g[k] for k in p}


def task_loss(p, x, y, xq, yq):
    return loss_fn(adapt(p, x, y), xq, yq)


def sines(n):
    amplitude, phase = torch.rand(n, 1, 1) * 2 + 1, torch.rand(n, 1, 1) * 1.5
    x = torch.rand(n, 20, 1) * 6 - 3
    y = amplitude * torch.sin(x + phase)
    return x[:, :10], y[:, :10], x[:, 10:], y[:, 10:]


many = vmap(task_loss, in_dims=(None, 0, 0, 0, 0))
for it in range(350):
    loss = many(params, *sines(16)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if it % 50 == 0:
        print(it, loss.item())
print(f"RESULT after_mse={many(params, *sines(200)).mean().item():.4f}")
