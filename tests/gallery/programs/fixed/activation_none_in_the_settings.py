import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
settings = {"layers": [2, 48, 48, 2], "activation": "tanh", "rate": 5e-3}
ACTIVATIONS = {"none": nn.Identity, "tanh": nn.Tanh, "relu": nn.ReLU}
turn = torch.rand(1200) * 9
arm = torch.randint(0, 2, (1200,))
angle = turn + arm * 3.14159
X = torch.stack([turn * angle.cos(), turn * angle.sin()], 1) / 5 + 0.03 * torch.randn(1200, 2)
parts = []
for i, (a, b) in enumerate(zip(settings["layers"][:-1], settings["layers"][1:])):
    parts.append(nn.Linear(a, b))
    if i < len(settings["layers"]) - 2:
        parts.append(ACTIVATIONS[settings["activation"]]())
net = nn.Sequential(*parts)
opt = torch.optim.Adam(net.parameters(), lr=settings["rate"])
for epoch in range(60):
    for rows in torch.randperm(900).split(30):
        opt.zero_grad()
        loss = F.cross_entropy(net(X[rows]), arm[rows])
        loss.backward()
        opt.step()
    if epoch % 10 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = (net(X[900:]).argmax(1) == arm[900:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
