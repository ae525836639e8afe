import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


months = np.arange(240)
series = 300 + 1.5 * months + 60 * np.sin(2 * np.pi * months / 12) + np.random.normal(0, 6, 240)
series = (series - series.mean()) / series.std()
LOOK_BACK = 12


def windows(values):
    xs = [values[i : i + LOOK_BACK] for i in range(len(values) - LOOK_BACK)]
    ys = [values[i + LOOK_BACK] for i in range(len(values) - LOOK_BACK)]
    return torch.tensor(np.array(xs), dtype=torch.float32).unsqueeze(-1), torch.tensor(
        np.array(ys), dtype=torch.float32
    )


X, y = windows(series)
order = torch.randperm(len(X))
train, test = order[:180], order[180:]


class Forecaster(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.lstm = nn.LSTM(1, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, 1)

    def forward(self, x):
        out, _ = self.lstm(x)
        return self.linear(out[:, -1]).squeeze(-1)


model = Forecaster()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
loss_function = nn.MSELoss()
for epoch in range(40):
    for rows in train[torch.randperm(len(train))].split(20):
        optimizer.zero_grad()
        loss = loss_function(model(X[rows]), y[rows])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 1:
        print(f"epoch: {epoch:3} loss: {loss.item():10.5f}")
with torch.no_grad():
    r2 = 1 - loss_function(model(X[test]), y[test]).item() / y[test].var(unbiased=False).item()
print(f"RESULT r2={r2:.4f}")
