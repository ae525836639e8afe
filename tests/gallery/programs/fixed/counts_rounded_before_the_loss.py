"""How many bikes are out? Counts from the weather and the hour."""

import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
hour, warmth, rain = torch.rand(2000), torch.randn(2000), torch.rand(2000)
rate = 6 + 4 * torch.sin(6.2832 * hour) + 1.5 * warmth - 3 * rain
counts = (rate + 0.5 * torch.randn(2000)).clamp(min=0).round().unsqueeze(1)
features = torch.stack([hour - 0.5, warmth, rain - 0.5], 1)


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(3, 32)
        self.second = nn.Linear(32, 32)
        self.last = nn.Linear(32, 1)

    def forward(self, x):
        x = torch.relu(self.first(x))
        x = torch.relu(self.second(x))
        return self.last(x)


net = Counter()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for rows in torch.randperm(1600).split(32):
        predicted = net(features[rows])
        loss = nn.functional.l1_loss(predicted, counts[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())
with torch.no_grad():
    error = (net(features[1600:]).round() - counts[1600:]).abs().mean().item()
print(f"RESULT mae={error:.4f}")
