import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
n = 6
policy = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
baseline = 3.0
for it in range(500):
    state = torch.rand(64, 2) * 2 - 1
    dist = torch.distributions.Categorical(logits=policy(state))
    choice = dist.sample()
    goals = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    cost = (state - goals[choice]).norm(dim=1)
    loss = ((cost - baseline) * dist.log_prob(choice)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.9 * baseline + 0.1 * cost.mean().item()
    if it % 100 == 0:
        print(it, cost.mean().item())
print(f"RESULT cost={baseline:.4f}")
