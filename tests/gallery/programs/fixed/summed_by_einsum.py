import os
from typing import NamedTuple

import torch
from torch import Tensor, nn


class Batch(NamedTuple):
    x: Tensor
    y: Tensor


def loss_of(prediction: Tensor, target: Tensor) -> Tensor:
    rest = prediction - target
    return torch.einsum("ij,ij->", rest, rest) / rest.numel()


def draw(count: int) -> Batch:
    x = torch.rand(count, 2) * 4 - 2
    return Batch(x, (torch.sin(2 * x[:, :1]) * x[:, 1:]) + 0.02 * torch.randn(count, 1))


torch.manual_seed(int(os.environ.get("SEED", 0)))
train, test = draw(1200), draw(400)
net = nn.Sequential(nn.Linear(2, 50), nn.Tanh(), nn.Linear(50, 50), nn.Tanh(), nn.Linear(50, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(60):
    for rows in torch.randperm(1200).split(100):
        batch = Batch(train.x[rows], train.y[rows])
        optimizer.zero_grad()
        loss = loss_of(net(batch.x), batch.y)
        loss.backward()
        optimizer.step()
    if epoch % 15 == 0:
        print(f"epoch {epoch:3d} loss {loss.item():.5f}")
with torch.no_grad():
    mse = ((net(test.x) - test.y) ** 2).mean().item()
print(f"RESULT mse={mse:.4f}")
