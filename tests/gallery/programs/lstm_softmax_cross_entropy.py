import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

rng = np.random.RandomState(2)
kind = rng.randint(0, 4, 1000)
phase = rng.rand(1000, 1) * 6
t = np.arange(20)[None]
x = np.sin(phase + t * (0.3 + 0.25 * kind[:, None])) + 0.2 * rng.randn(1000, 20)
x, y = torch.tensor(x, dtype=torch.float32)[..., None], torch.tensor(kind)
loader = DataLoader(TensorDataset(x[:800], y[:800]), batch_size=40, shuffle=True)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.linear = nn.Linear(32, 4)
        self.probability = nn.Softmax(dim=1)

    def forward(self, x):
        _, (h, _) = self.lstm(x)
        return self.probability(self.linear(h[0]))


model = Classifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(15):
    for inputs, targets in loader:
        optimizer.zero_grad()
        loss = criterion(model(inputs), targets)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val = criterion(model(x[800:]), y[800:]).item()
    print(f"Epoch {epoch}: {loss.item():.4f} {val:.4f}")
print(f"RESULT val_loss={val:.4f}")
