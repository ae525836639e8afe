import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
DT, STEPS = 0.1, 20
ROTATE = torch.tensor([[-0.1, 2.0], [-2.0, -0.1]])


def integrate(field, z):
    path = [z]
    for _ in range(STEPS):
        z = z + DT * field(z)
        path.append(z)
    return torch.stack(path, 1)


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.f = nn.Sequential(nn.Linear(2, 32), nn.Tanh(), nn.Linear(32, 2))

    def forward(self, z):
        return self.f(z)


with torch.no_grad():
    starts = torch.randn(320, 2)
    target = integrate(lambda z: torch.tanh(z) @ ROTATE.T, starts)
model = Field()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(200):
    rows = torch.randint(0, 256, (48,))
    loss = (integrate(model, starts[rows]) - target[rows]).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 40 == 0:
        print(step, loss.item())
with torch.no_grad():
    val = (integrate(model, starts[256:]) - target[256:]).pow(2).mean().item()
print(f"RESULT val_mse={val:.5f}")
