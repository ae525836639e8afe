import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

policy = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 2))
opt = torch.optim.Adam(policy.parameters(), lr=0.02)
returns = []
baseline = 0.0
for episode in range(250):
    x, v, logs, reward = np.random.uniform(-0.5, 0.5), 0.0, [], 0
    for t in range(40):
        d = torch.distributions.Categorical(logits=policy(torch.tensor([x, v], dtype=torch.float32)))
        a = d.sample()
        logs.append(d.log_prob(a))
        v += 0.12 * (2 * a.item() - 1) + 0.05 * x
        x += v * 0.5
        if abs(x) > 1.5:
            break
        reward += 1
    loss = -torch.stack(logs).sum() * (reward - baseline) / 40
    opt.zero_grad()
    loss.backward()
    opt.step()
    baseline = 0.95 * baseline + 0.05 * reward
    returns.append(reward)
    if episode % 50 == 0:
        print(episode, reward)
print(f"RESULT mean_return={np.mean(returns[-50:]):.4f}")
