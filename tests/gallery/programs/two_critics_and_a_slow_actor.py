import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
import copy

GAMMA, TAU = 0.9, 0.02


def mlp(i, o):
    return nn.Sequential(nn.Linear(i, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, o))


actor, q1, q2 = mlp(1, 1), mlp(2, 1), mlp(2, 1)
slow = [copy.deepcopy(m).requires_grad_(False) for m in (actor, q1, q2)]
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-3)
critic_opt = torch.optim.Adam([*q1.parameters(), *q2.parameters()], lr=2e-3)


def act(net, s):
    return torch.tanh(net(s))


def move(s, a):
    nxt = s + 0.5 * a + 0.02 * torch.randn_like(s)
    return nxt, -(nxt**2)


memory = []
s = torch.randn(8, 1) * 1.5
for step in range(500):
    with torch.no_grad():
        a = (act(actor, s) + 0.2 * torch.randn_like(s)).clamp(-1, 1)
        nxt, reward = move(s, a)
    memory.append((s, a, reward, nxt))
    s = nxt if step % 10 else torch.randn(8, 1) * 1.5
    picks = np.random.randint(0, len(memory), 8)
    b = [torch.cat(part) for part in zip(*(memory[i] for i in picks))]
    with torch.no_grad():
        na = (act(slow[0], b[3]) + (0.1 * torch.randn_like(b[1])).clamp(-0.2, 0.2)).clamp(-1, 1)
        pair = torch.cat([b[3], na], 1)
        goal = b[2] + GAMMA * torch.minimum(slow[1](pair), slow[2](pair))
    pair = torch.cat([b[0], b[1]], 1)
    critic_loss = F.mse_loss(q1(pair), goal) + F.mse_loss(q2(pair), goal)
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    if step % 2:
        actor_loss = -q1(torch.cat([b[0], act(actor, b[0])], 1)).mean()
        actor_opt.zero_grad()
        actor_loss.backward()
        actor_opt.step()
        with torch.no_grad():
            for live, lag in zip((actor, q1, q2), slow):
                for p, q in zip(live.parameters(), lag.parameters()):
                    q.lerp_(p, TAU)
    if step % 100 == 99:
        print(step + 1, "critic", critic_loss.item())
s, cost = torch.linspace(-2, 2, 41)[:, None], 0.0
with torch.no_grad():
    for _ in range(10):
        s, reward = move(s, act(actor, s))
        cost -= reward.mean().item() / 10
print(f"RESULT cost={cost:.4f}")
