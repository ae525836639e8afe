import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
policy = nn.Sequential(nn.Linear(2, 12), nn.Tanh(), nn.Linear(12, 1), nn.Tanh())
theta = nn.utils.parameters_to_vector(policy.parameters()).detach()


def episode(weights, steps=30):
    nn.utils.vector_to_parameters(weights, policy.parameters())
    place, speed, total = torch.full((16, 1), 1.0), torch.zeros(16, 1), 0.0
    with torch.no_grad():
        for _ in range(steps):
            force = policy(torch.cat([place, speed], 1))
            speed = 0.9 * speed + 0.2 * force
            place = place + speed * 0.3 + 0.01 * torch.randn_like(place)
            total += torch.exp(-place.abs()).mean().item() / steps
    return total


for generation in range(40):
    noise = torch.randn(16, len(theta))
    reward = torch.tensor([episode(theta + 0.2 * n) - episode(theta - 0.2 * n) for n in noise])
    theta = theta + 0.2 * (reward[:, None] * noise).mean(0) / (reward.std() + 1e-6)
    if generation % 10 == 0:
        print("generation", generation, "return", episode(theta))
print(f"RESULT ret={episode(theta):.4f}")
