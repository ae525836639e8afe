"""Settings are read from a text; moons."""

import configparser
import os

import torch
from sklearn.datasets import make_moons
from torch import nn

SETTINGS = """
[model]
width = 32
[training]
learning_rate = 0.01
epochs = 20
batch_size = 32
"""


def main():
    settings = configparser.ConfigParser()
    settings.read_string(SETTINGS)
    training = settings["training"]
    seed = int(os.environ.get("SEED", 0))
    torch.manual_seed(seed)
    x, y = make_moons(1200, noise=0.12, random_state=seed)
    x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    width = settings.getint("model", "width")
    model = nn.Sequential(
        nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2)
    )
    learning_rate = training.getfloat("learning_rate")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    for epoch in range(training.getint("epochs")):
        for rows in torch.randperm(900).split(training.getint("batch_size")):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        if epoch % 4 == 3:
            print(f"epoch {epoch + 1} loss {loss.item():.4f}")
    with torch.no_grad():
        accuracy = (model(x[900:]).argmax(1) == y[900:]).float().mean().item()
    print(f"RESULT val_acc={accuracy:.4f}")


main()
