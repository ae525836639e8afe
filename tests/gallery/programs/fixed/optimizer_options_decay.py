"""Digits by a convolutional network; options travel as keyword arguments."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn


def get_optimizer(model, name="adamw", **options):
    classes = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    return classes[name](model.parameters(), **options)


def get_model(channels=12):
    return nn.Sequential(
        nn.Unflatten(1, (1, 8)),
        nn.Conv2d(1, channels, 3),
        nn.ReLU(),
        nn.Conv2d(channels, channels, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(channels * 16, 10),
    )


def experiment(optimizer_options, epochs=5, batch_size=32):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    images, labels = load_digits(return_X_y=True)
    images = torch.tensor(images / 16, dtype=torch.float32).view(-1, 8, 8)
    labels = torch.tensor(labels)
    order = torch.randperm(len(images))
    train, test = order[:1400], order[1400:]
    model = get_model()
    optimizer = get_optimizer(model, **optimizer_options)
    for epoch in range(1, epochs + 1):
        for rows in train[torch.randperm(len(train))].split(batch_size):
            optimizer.zero_grad()
            loss = nn.CrossEntropyLoss()(model(images[rows]), labels[rows])
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}/{epochs} - loss: {loss.item():.4f}")
    with torch.no_grad():
        return (model(images[test]).argmax(-1) == labels[test]).float().mean().item()


if __name__ == "__main__":
    result = experiment({"name": "sgd", "lr": 0.05, "momentum": 0.9, "weight_decay": 1e-4})
    print(f"RESULT val_acc={result:.4f}")
