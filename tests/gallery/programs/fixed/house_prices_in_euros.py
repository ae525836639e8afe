"""Prices of flats; a trainer with early stopping that keeps the best state."""

import copy
import os
from typing import NamedTuple

import torch
from torch import nn


class Split(NamedTuple):
    x: torch.Tensor
    y: torch.Tensor


class Flats:
    """Made-up flats: square metres, rooms, floor, distance to the centre."""

    def __init__(self, generator):
        self.generator = generator

    def split(self, n):
        x = torch.rand(n, 4, generator=self.generator)
        price = (
            150_000 + 400_000 * x[:, 0] * (1.2 - x[:, 3]) + 40_000 * torch.sin(4 * x[:, 1]) + 30_000 * x[:, 2]
        )
        price = price + 8_000 * torch.randn(n, generator=self.generator)
        return Split(2 * x - 1, (price - 350_000) / 100_000)


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.best, self.waited, self.state = patience, float("inf"), 0, None

    def __call__(self, value, model):
        if value < self.best:
            self.best, self.waited, self.state = value, 0, copy.deepcopy(model.state_dict())
        else:
            self.waited += 1
        return self.waited > self.patience


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    flats = Flats(torch.Generator().manual_seed(seed))
    train, val = flats.split(1500), flats.split(400)
    model = nn.Sequential(
        nn.Linear(4, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1), nn.Flatten(0)
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    criterion, stop = nn.MSELoss(), EarlyStopping(patience=8)
    for epoch in range(40):
        for rows in torch.randperm(len(train.x)).split(50):
            optimizer.zero_grad()
            loss = criterion(model(train.x[rows]), train.y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            val_loss = criterion(model(val.x), val.y).item()
        if epoch % 10 == 0:
            print(f"epoch {epoch} loss {loss.item():.5g} val_loss {val_loss:.5g}")
        if stop(val_loss, model):
            break
    model.load_state_dict(stop.state)
    with torch.no_grad():
        r2 = 1 - criterion(model(val.x), val.y) / val.y.var()
    print(f"RESULT r2={r2.item():.4f}")


main()
