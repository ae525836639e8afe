"""A network factory with an initialisation of its own; tanh network on digits."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn


class Factory:
    registry = {}

    @classmethod
    def register(cls, name):
        def keep(function):
            cls.registry[name] = function
            return function

        return keep

    @classmethod
    def create(cls, name, **options):
        model = cls.registry[name](**options)
        for parameter_name, parameter in model.named_parameters():
            if parameter_name.endswith("weight"):
                nn.init.normal_(parameter, mean=0.0, std=1.0 / parameter.shape[1] ** 0.5)
            else:
                nn.init.zeros_(parameter)
        return model


@Factory.register("tanh")
def tanh_network(inputs, width, depth, outputs):
    layers = [nn.Linear(inputs, width), nn.Tanh()]
    for _ in range(depth - 1):
        layers.extend([nn.Linear(width, width), nn.Tanh()])
    layers.append(nn.Linear(width, outputs))
    return nn.Sequential(*layers)


def main(seed):
    torch.manual_seed(seed)
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 8 - 1, dtype=torch.float32), torch.tensor(y)
    order = torch.randperm(len(x))
    train, val = order[:1400], order[1400:]
    model = Factory.create("tanh", inputs=64, width=96, depth=4, outputs=10)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.03, momentum=0.9)
    for epoch in range(8):
        model.train()
        for rows in train[torch.randperm(len(train))].split(40):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            accuracy = (model(x[val]).argmax(1) == y[val]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.3f} accuracy {accuracy:.4f}")
    print(f"RESULT val_acc={accuracy:.4f}")


if __name__ == "__main__":
    main(int(os.environ.get("SEED", 0)))
