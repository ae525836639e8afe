import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.nn import functional as F

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)

import copy
from collections import deque

q = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 4))
target = copy.deepcopy(q)
opt = optim.Adam(q.parameters(), lr=2e-3)
memory, moves = deque(maxlen=2000), [(0, 1), (0, -1), (1, 0), (-1, 0)]


def state(p):
    return torch.tensor(p, dtype=torch.float32) / 4


def play(eps, learn):
    p = [random.randint(0, 4), random.randint(0, 4)]
    for t in range(15):
        with torch.no_grad():
            a = random.randrange(4) if random.random() < eps else q(state(p)).argmax().item()
        n = [min(4, max(0, p[0] + moves[a][0])), min(4, max(0, p[1] + moves[a][1]))]
        done = n == [4, 4]
        memory.append((p, a, float(done), n, done))
        p = n
        if learn and len(memory) > 100:
            s, aa, r, s2, d = zip(*random.sample(memory, 32))
            s, s2, aa = (
                torch.stack([state(k) for k in s]),
                torch.stack([state(k) for k in s2]),
                torch.tensor(aa),
            )
            with torch.no_grad():
                best = target(s2).gather(1, q(s2).argmax(1, keepdim=True))[:, 0]
                y = torch.tensor(r) + 0.9 * best * (1 - torch.tensor(d).float())
            loss = F.smooth_l1_loss(q(s).gather(1, aa[:, None])[:, 0], y)
            opt.zero_grad()
            loss.backward()
            opt.step()
        if done:
            return 1
    return 0


for episode in range(140):
    play(max(0.1, 1 - episode / 80), True)
    if episode % 5 == 0:
        target.load_state_dict(q.state_dict())
print(f"RESULT success={np.mean([play(0.0, False) for _ in range(50)]):.4f}")
