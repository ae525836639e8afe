import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
n, classes = 300, 3
group = torch.randint(0, classes, (n,))
edges = (torch.rand(n, n) < torch.where(group[:, None] == group[None, :], 0.04, 0.015)).float()
adjacency = ((edges + edges.T + torch.eye(n)) > 0).float()
norm = adjacency / adjacency.sum(1, keepdim=True)
features = F.one_hot(group, classes).float() @ torch.randn(classes, 16) * 0.4 + torch.randn(n, 16)
hidden = 64
W1 = (torch.randn(16, hidden) * 0.2).requires_grad_()
W2 = (torch.randn(hidden, hidden) * 0.12).requires_grad_()
W3 = (torch.randn(hidden, hidden) * 0.12).requires_grad_()
W4 = (torch.randn(hidden, classes) * 0.12).requires_grad_()
opt = torch.optim.SGD([W1, W2, W3, W4], lr=0.02, momentum=0.9)


def forward():
    h = torch.relu(norm @ features @ W1)
    h = torch.relu(norm @ h @ W2)
    h = torch.relu(h @ W3)
    return h @ W4


known = torch.arange(n) < 150
for epoch in range(150):
    loss = F.cross_entropy(forward()[known], group[known])
    opt.zero_grad()
    loss.backward()
    opt.step()
    if epoch % 25 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    loss = F.cross_entropy(forward()[~known], group[~known]).item()
print(f"RESULT loss={loss:.4f}")
