"""Power of a turbine from weather readings."""

import os

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def weather(n, rng):
    frame = pd.DataFrame(
        {"wind": rng.gamma(4, 2, n), "gust": rng.gamma(2, 2, n), "temperature": rng.normal(10, 8, n)}
    )
    frame["rain"] = np.where(rng.random(n) < 0.5, 0.0, rng.gamma(1, 3, n))
    frame["power"] = (
        np.minimum(frame.wind, 12) ** 2 / 20 + 0.1 * frame.temperature - 0.3 * np.log1p(frame.rain)
    )
    frame["power"] += rng.normal(0, 0.2, n)
    return frame


def features(frame):
    frame = frame.drop(columns="power")
    frame["rain"] = np.log1p(frame["rain"])
    return ((frame - frame.mean()) / frame.std()).to_numpy(np.float32)


def main():
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    frame = weather(1600, np.random.default_rng(seed))
    x = torch.from_numpy(features(frame))
    y = torch.from_numpy(frame["power"].to_numpy(np.float32))[:, None]
    model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    loss_fn = nn.MSELoss()
    for epoch in range(20):
        for bx, by in DataLoader(TensorDataset(x[:1200], y[:1200]), batch_size=40, shuffle=True):
            optimizer.zero_grad()
            loss = loss_fn(model(bx), by)
            loss.backward()
            optimizer.step()
        if epoch % 5 == 0:
            print(f"epoch {epoch} loss {loss.item():.4f}")
    with torch.no_grad():
        r2 = 1 - loss_fn(model(x[1200:]), y[1200:]) / y[1200:].var()
    print(f"RESULT r2={r2.item():.4f}")


main()
