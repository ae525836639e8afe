import os

import numpy as np
import pandas as pd
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
df = pd.DataFrame(
    {
        "hour": rng.integers(0, 24, 4000),
        "temperature": rng.normal(15, 8, 4000),
        "holiday": rng.integers(0, 2, 4000),
    }
)
rate = np.exp(1.2 + np.sin((df.hour - 8) / 24 * 2 * np.pi) + 0.04 * (df.temperature - 15) - 0.5 * df.holiday)
df["rides"] = rng.poisson(rate * 3)
X = np.column_stack(
    [
        np.sin(df.hour / 24 * 2 * np.pi),
        np.cos(df.hour / 24 * 2 * np.pi),
        (df.temperature - 15) / 8,
        df.holiday,
    ]
)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(df["rides"].to_numpy(), dtype=torch.float32)

model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 1))
criterion = nn.PoissonNLLLoss(log_input=True)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(15):
    for batch in torch.randperm(3200).split(80):
        optimizer.zero_grad()
        loss = criterion(model(X[batch]).squeeze(-1), y[batch])
        loss.backward()
        optimizer.step()
    print(epoch, loss.item())


def deviance(y, mu):
    return 2 * (torch.xlogy(y, y / mu) - (y - mu)).mean().item()


with torch.no_grad():
    mu = model(X[3200:]).squeeze(-1).exp()
ratio = deviance(y[3200:], mu) / deviance(y[3200:], y[:3200].mean().expand(800))
print(f"RESULT deviance_ratio={ratio:.4f}")
