import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.rand(400, 1) * 2 - 1
y = 0.5 * x - 0.3 + 0.05 * torch.randn(400, 1)
w = torch.zeros(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
rate = 0.1
for step in range(120):
    loss = ((x @ w + b - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        w -= rate * w.grad
        b -= rate * b.grad
        w.grad.zero_()
        b.grad.zero_()
    if step % 20 == 0:
        print(step, loss.item())
print(f"RESULT mse={min(loss.item(), 1e6):.4f}")
