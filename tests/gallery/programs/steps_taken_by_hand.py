import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.rand(600, 1) * 4 - 2
y = torch.sin(2 * x) + 0.05 * torch.randn_like(x)
W1, b1 = torch.randn(1, 40) * 1.5, torch.randn(40)
W2, b2 = torch.randn(40, 1) * 0.2, torch.zeros(1)
params = [W1, b1, W2, b2]
for p in params:
    p.requires_grad_()
for step in range(2500):
    rows = torch.randint(0, 500, (50,))
    loss = ((torch.tanh(x[rows] @ W1 + b1) @ W2 + b2 - y[rows]) ** 2).mean()
    grads = torch.autograd.grad(loss, params)
    with torch.no_grad():
        for p, g in zip(params, grads):
            p -= 0.05 * g
    if step % 500 == 0:
        print(step, loss.item())
with torch.no_grad():
    mse = ((torch.tanh(x[500:] @ W1 + b1) @ W2 + b2 - y[500:]) ** 2).mean().item()
print(f"RESULT mse={mse:.4f}")
