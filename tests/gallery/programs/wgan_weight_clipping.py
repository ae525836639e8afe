import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
TRUE_MEAN = torch.tensor([1.5, -1.0])


def real(n):
    return TRUE_MEAN + torch.randn(n, 2) * 0.4


gen = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
critic = nn.Sequential(
    nn.Linear(2, 48), nn.LeakyReLU(0.2), nn.Linear(48, 48), nn.LeakyReLU(0.2), nn.Linear(48, 1)
)
g_opt = torch.optim.RMSprop(gen.parameters(), lr=2e-3)
c_opt = torch.optim.RMSprop(critic.parameters(), lr=2e-3)
means = []
for it in range(350):
    for _ in range(3):
        fake = gen(torch.randn(64, 4)).detach()
        c_loss = critic(fake).mean() - critic(real(64)).mean()
        c_opt.zero_grad()
        c_loss.backward()
        c_opt.step()
        with torch.no_grad():
            for p in critic.parameters():
                p.clamp_(-0.15, 0.15)
    g_loss = -critic(gen(torch.randn(64, 4))).mean()
    g_opt.zero_grad()
    g_loss.backward()
    g_opt.step()
    if it % 50 == 0:
        print(f"it {it} critic {c_loss.item():.4f} generator {g_loss.item():.4f}")
    if it >= 250:
        with torch.no_grad():
            means.append(gen(torch.randn(256, 4)).mean(0))
error = (torch.stack(means).mean(0) - TRUE_MEAN).norm().item()
print(f"RESULT mean_error={error:.4f}")
