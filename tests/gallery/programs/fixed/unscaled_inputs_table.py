import os

import numpy as np
import pandas as pd
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 2500
df = pd.DataFrame(
    {
        "income": rng.lognormal(10.5, 0.6, n),
        "age": rng.integers(18, 80, n),
        "debt_ratio": rng.beta(2, 5, n),
        "balance": rng.normal(20000, 9000, n),
    }
)
logit = (
    1.5 * (np.log(df.income) - 10.5) / 0.6
    + (df.balance - 20000) / 9000
    - 8 * (df.debt_ratio - 0.28)
    + 0.02 * (df.age - 49)
)
df["paid"] = (logit + rng.logistic(size=n) * 0.4 > 0).astype(int)
features = ["income", "age", "debt_ratio", "balance"]
train, val = df[:2000], df[2000:]
mean, std = train[features].mean(), train[features].std()
X = torch.tensor(((train[features] - mean) / std).to_numpy(), dtype=torch.float32)
Xv = torch.tensor(((val[features] - mean) / std).to_numpy(), dtype=torch.float32)
y, yv = torch.tensor(train.paid.to_numpy()).float(), torch.tensor(val.paid.to_numpy()).float()

net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
bce = nn.BCEWithLogitsLoss()
for epoch in range(20):
    for i in torch.randperm(2000).split(50):
        opt.zero_grad()
        loss = bce(net(X[i]).squeeze(1), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(Xv).squeeze(1)
        acc = ((out > 0) == (yv > 0)).float().mean().item()
    if epoch % 4 == 0:
        print(epoch, "loss", loss.item(), "val", bce(out, yv).item(), "acc", acc)
print(f"RESULT val_acc={acc:.4f}")
