import os

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(int(os.environ.get("SEED", 0)))


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 32), nn.Tanh())
        self.actor, self.critic = nn.Linear(32, 3), nn.Linear(32, 1)

    def forward(self, s):
        h = self.body(s)
        return Categorical(logits=self.actor(h)), self.critic(h).squeeze(-1)


W = torch.tensor([[1.0, -1, 0.5, 0], [-1, 0.5, 1, 0.5], [0, 1, -1, 1]])
ac = ActorCritic()
opt = torch.optim.Adam(ac.parameters(), lr=3e-3)
history = []
for update in range(45):
    s = torch.randn(128, 4)
    with torch.no_grad():
        dist, value = ac(s)
        a = dist.sample()
        old = dist.log_prob(a)
        reward = (a == (s @ W.T).argmax(1)).float()
        advantage = reward - value
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
    history.append(reward.mean().item())
    for _ in range(4):
        for i in torch.randperm(128).split(32):
            dist, value = ac(s[i])
            ratio = (dist.log_prob(a[i]) - old[i]).exp()
            actor = -torch.min(ratio * advantage[i], ratio.clamp(0.8, 1.2) * advantage[i]).mean()
            loss = actor + 0.5 * (value - reward[i]).pow(2).mean() - 0.01 * dist.entropy().mean()
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(ac.parameters(), 0.5)
            opt.step()
    if update % 10 == 0:
        print(f"update {update} reward {history[-1]:.3f}")
print(f"RESULT mean_reward={sum(history[-5:]) / 5:.4f}")
