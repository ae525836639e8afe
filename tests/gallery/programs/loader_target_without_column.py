"""A regression on a data frame with a Dataset class and a history that is printed as a table."""

import os

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


def make_frame(n, rng):
    frame = pd.DataFrame(
        {"area": rng.uniform(20, 120, n), "rooms": rng.integers(1, 6, n), "age": rng.uniform(0, 80, n)}
    )
    frame["price"] = (
        3 * frame.area
        - 0.8 * frame.age
        + 12 * frame.rooms
        + 30 * np.sin(frame.area / 12)
        + rng.normal(0, 8, n)
    )
    return frame


class FrameDataset(Dataset):
    def __init__(self, frame, target, mean, std):
        scaled = (frame - mean) / std
        self.inputs = torch.tensor(scaled.drop(columns=target).values, dtype=torch.float32)
        self.target = torch.tensor(scaled[target].values, dtype=torch.float32)

    def __len__(self):
        return len(self.inputs)

    def __getitem__(self, i):
        return self.inputs[i], self.target[i]


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
frame = make_frame(1600, np.random.default_rng(seed))
mean, std = frame[:1200].mean(), frame[:1200].std()
train, test = FrameDataset(frame[:1200], "price", mean, std), FrameDataset(frame[1200:], "price", mean, std)

network = nn.Sequential(nn.Linear(3, 40), nn.GELU(), nn.Linear(40, 40), nn.GELU(), nn.Linear(40, 1))
optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
criterion = nn.MSELoss()
history = []
for epoch in range(20):
    for inputs, target in DataLoader(train, 40, shuffle=True):
        loss = criterion(network(inputs), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    history.append({"epoch": epoch, "loss": loss.item()})
print(pd.DataFrame(history).tail(3).to_string(index=False))

with torch.no_grad():
    predicted = network(test.inputs).numpy().ravel()
actual = test.target.numpy().ravel()
print(f"RESULT r2={1 - np.mean((predicted - actual) ** 2) / actual.var():.4f}")
