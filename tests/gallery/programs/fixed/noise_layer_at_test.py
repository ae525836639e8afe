import os

import torch
from sklearn.datasets import load_digits
from sklearn.metrics import accuracy_score
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(64, 128)
        self.drop = nn.Dropout(0.6)
        self.middle = nn.Linear(128, 64)
        self.out = nn.Linear(64, 10)

    def forward(self, x):
        x = self.drop(torch.relu(self.hidden(x)))
        x = self.drop(torch.relu(self.middle(x)))
        return self.out(x)


def train(model, x, y, epochs=20):
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    model.train()
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(40):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(model(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        if epoch % 5 == 0:
            print("epoch", epoch, "loss", loss.item())
    return model


def predict(model, x):
    model.eval()
    with torch.no_grad():
        return model(x).argmax(dim=1)


torch.manual_seed(int(os.environ.get("SEED", 0)))
data, target = load_digits(return_X_y=True)
data, target = torch.tensor(data / 16, dtype=torch.float32), torch.tensor(target)
mix = torch.randperm(len(data))
data, target = data[mix], target[mix]
fitted = train(Model(), data[:1000], target[:1000])
print(f"RESULT val_acc={accuracy_score(target[1000:], predict(fitted, data[1000:])):.4f}")
