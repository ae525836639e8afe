import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
gridsize, gamma = 6, 0.9


def step(state, action):
    row, col = divmod(state, gridsize)
    row = min(max(row + (-1, 1, 0, 0)[action], 0), gridsize - 1)
    col = min(max(col + (0, 0, -1, 1)[action], 0), gridsize - 1)
    state = row * gridsize + col
    return state, 1.0 if state == gridsize * gridsize - 1 else 0.0


experience = []
for _ in range(3000):
    s = random.randrange(gridsize * gridsize)
    a = random.randrange(4)
    experience.append((s, a, *step(s, a)))
s, a, s2, r = (torch.tensor(column) for column in zip(*experience))
onehot = torch.eye(gridsize * gridsize)
qnet = nn.Sequential(nn.Linear(36, 64), nn.ReLU(), nn.Linear(64, 4))
target_net = nn.Sequential(nn.Linear(36, 64), nn.ReLU(), nn.Linear(64, 4))
opt = optim.Adam(qnet.parameters(), lr=3e-3)
done = s2 == 35
for it in range(900):
    if it % 50 == 0:
        target_net.load_state_dict(qnet.state_dict())
    b = torch.randint(0, 3000, (64,))
    q = qnet(onehot[s[b]]).gather(1, a[b].unsqueeze(1)).squeeze(1)
    with torch.no_grad():
        goal = r[b] + gamma * target_net(onehot[s2[b]]).max(1).values * (~done[b])
    loss = ((q - goal) ** 2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
Q = torch.zeros(36, 4)
for _ in range(60):
    new = torch.zeros_like(Q)
    for i in range(36):
        for j in range(4):
            n, reward = step(i, j)
            new[i, j] = reward + (0 if n == 35 else gamma * Q[n].max())
    Q = new
with torch.no_grad():
    q_error = ((qnet(onehot) - Q)[:35].abs().mean() / Q[:35].std()).item()
print(f"RESULT q_error={q_error:.4f}")
