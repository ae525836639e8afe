"""Digits through a narrow convolutional code and back."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn

config = {"lr": 1.0, "momentum": 0.99, "epochs": 10, "batch": 50}

torch.manual_seed(int(os.environ.get("SEED", 0)))
pixels = torch.tensor(load_digits().data, dtype=torch.float32).reshape(-1, 1, 8, 8) / 16
pixels = pixels[torch.randperm(len(pixels))]
train, val = pixels[:1500], pixels[1500:]


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Sequential(
            nn.Conv2d(1, 8, 4, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(128, 16)
        )
        self.decode = nn.Sequential(
            nn.Linear(16, 128),
            nn.ReLU(),
            nn.Unflatten(1, (8, 4, 4)),
            nn.ConvTranspose2d(8, 1, 4, stride=2, padding=1),
        )

    def forward(self, x):
        return self.decode(self.encode(x))


model = Autoencoder()
optimizer = torch.optim.SGD(model.parameters(), lr=config["lr"], momentum=config["momentum"], nesterov=True)
for epoch in range(config["epochs"]):
    for batch in train[torch.randperm(len(train))].split(config["batch"]):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(batch), batch)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val_loss = nn.functional.mse_loss(model(val), val).item()
    print(f"{epoch} {loss.item():.5f} {val_loss:.5f}")
print(f"RESULT val_mse={val_loss:.5f}")
