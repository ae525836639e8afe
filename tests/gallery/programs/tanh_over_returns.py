import os
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Settings:
    hidden: int = 64
    rate: float = 3e-3
    epochs: int = 25
    batch: int = 40


class Critic(nn.Module):
    def __init__(self, hidden: int):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(5, hidden), nn.ELU(), nn.Linear(hidden, hidden), nn.ELU())
        self.value = nn.Linear(hidden, 1)

    def forward(self, state: Tensor) -> Tensor:
        return torch.tanh(self.value(self.body(state)))


def returns(state: Tensor) -> Tensor:
    total = 3 * torch.sin(state[:, 0]) + 2 * state[:, 1] * state[:, 2] + state[:, 3] ** 2
    return total.unsqueeze(1) + 0.1 * torch.randn(len(state), 1)


def main(settings: Settings = Settings()) -> None:
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    states = torch.randn(1500, 5)
    targets = returns(states)
    critic = Critic(settings.hidden)
    optimizer = torch.optim.Adam(critic.parameters(), lr=settings.rate)
    for epoch in range(settings.epochs):
        for rows in torch.randperm(1200).split(settings.batch):
            loss = nn.functional.smooth_l1_loss(critic(states[rows]), targets[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        if epoch % 5 == 0:
            print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        rest = critic(states[1200:]) - targets[1200:]
        print(f"RESULT r2={1 - (rest.pow(2).mean() / targets[1200:].var()).item():.4f}")


main()
