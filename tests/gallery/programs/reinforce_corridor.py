import os

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))
LENGTH, LIMIT = 6, 16
policy = nn.Sequential(nn.Linear(LENGTH, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(policy.parameters(), lr=5e-3)
eye = torch.eye(LENGTH)


def episode():
    """Walk a corridor; the reward is at its right end, a step costs a little."""
    place, log_probs, rewards = 1, [], []
    for _ in range(LIMIT):
        dist = Categorical(logits=policy(eye[place]))
        action = dist.sample()
        log_probs.append(dist.log_prob(action))
        place = max(0, place + (1 if action.item() == 1 else -1))
        done = place == LENGTH - 1
        rewards.append(1.0 if done else -0.02)
        if done:
            break
    return log_probs, sum(rewards)


baseline, returns = 0.0, []
for it in range(120):
    batch = [episode() for _ in range(4)]
    loss = sum(-(torch.stack(lp).sum() * (r - baseline)) for lp, r in batch) / len(batch)
    opt.zero_grad()
    loss.backward()
    opt.step()
    score = sum(r for _, r in batch) / len(batch)
    baseline = 0.9 * baseline + 0.1 * score
    returns.append(score)
    if it % 20 == 0:
        print(f"iteration {it} return {score:.3f}")
print(f"RESULT mean_return={sum(returns[-30:]) / 30:.4f}")
