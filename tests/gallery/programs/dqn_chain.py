import os
import random
from collections import deque

import torch
import torch.nn.functional as F
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
random.seed(seed)
N = 7
eye = torch.eye(N)


def env_step(s, a):
    s2 = min(N - 1, s + 1) if a == 1 else max(0, s - 1)
    return s2, float(s2 == N - 1), s2 == N - 1


q = nn.Sequential(nn.Linear(N, 32), nn.ReLU(), nn.Linear(32, 2))
target = nn.Sequential(nn.Linear(N, 32), nn.ReLU(), nn.Linear(32, 2))
target.load_state_dict(q.state_dict())
optimizer = torch.optim.Adam(q.parameters(), lr=2e-3)
memory = deque(maxlen=2000)
steps, eps = 0, 1.0
for episode in range(60):
    s = 0
    for _ in range(25):
        a = random.randrange(2) if random.random() < eps else q(eye[s]).argmax().item()
        s2, r, done = env_step(s, a)
        memory.append((s, a, r, s2, done))
        s = s2
        steps += 1
        if len(memory) >= 64:
            b = random.sample(memory, 32)
            S, A, R, S2, D = (torch.tensor(c) for c in zip(*b))
            with torch.no_grad():
                y = R + 0.9 * target(eye[S2]).max(1).values * (~D)
            pred = q(eye[S]).gather(1, A[:, None]).squeeze(1)
            loss = F.smooth_l1_loss(pred, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if steps % 100 == 0:
            target.load_state_dict(q.state_dict())
        if done:
            break
    eps = max(0.1, eps * 0.95)
s, total = 0, 0.0
for _ in range(20):
    s, r, done = env_step(s, q(eye[s]).argmax().item())
    total += r
    if done:
        break
print(f"RESULT greedy_return={total:.4f}")
