import os

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, Dataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 2500
df = pd.DataFrame(
    {
        "age": rng.normal(45, 12, n),
        "spend": rng.gamma(2, 50, n),
        "plan": rng.choice(["free", "basic", "pro"], n),
        "visits": rng.poisson(6, n).astype(float),
    }
)
df.loc[rng.random(n) < 0.1, "spend"] = np.nan
risk = (
    -2.6
    + 1.6 * (df.plan == "free")
    + 0.05 * (df.age - 45)
    - 0.5 * (df.visits - 6)
    + 0.02 * (100 - df.spend.fillna(100))
)
df["churn"] = (risk + 0.5 * rng.logistic(size=n) > 0).astype(int)


class Frame(Dataset):
    def __init__(self, frame, stats):
        mean, std = stats
        numeric = frame[["age", "spend", "visits"]]
        filled = ((numeric - mean) / std).fillna(0.0)
        dummies = pd.get_dummies(frame["plan"]).reindex(columns=["basic", "free", "pro"], fill_value=0)
        parts = [filled.to_numpy(), numeric.isna()[["spend"]].to_numpy(), dummies.to_numpy()]
        self.x = torch.tensor(np.concatenate([p.astype(np.float32) for p in parts], 1))
        self.y = torch.tensor(frame["churn"].to_numpy())

    def __len__(self):
        return len(self.y)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


train, val = df[:2000], df[2000:]
stats = train[["age", "spend", "visits"]].mean(), train[["age", "spend", "visits"]].std()
train_set, val_set = Frame(train, stats), Frame(val, stats)
counts = torch.bincount(train_set.y).float()
criterion = nn.CrossEntropyLoss(weight=counts.sum() / (2 * counts))
net = nn.Sequential(nn.Linear(7, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(12):
    net.train()
    for xb, yb in DataLoader(train_set, batch_size=50, shuffle=True):
        opt.zero_grad()
        loss = criterion(net(xb), yb)
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(val_set.x)
    score = balanced_accuracy_score(val_set.y.numpy(), out.argmax(1).numpy())
    print(f"{epoch}: {loss.item():.3f} {criterion(out, val_set.y).item():.3f} {score:.3f}")
print(f"RESULT balanced_acc={score:.4f}")
