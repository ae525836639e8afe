import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


import pandas as pd
from sklearn.model_selection import train_test_split

n = 900
frame = pd.DataFrame(
    {
        "age": np.random.normal(35, 12, n).clip(1, 80),
        "fare": np.random.exponential(30, n),
        "female": np.random.randint(0, 2, n),
        "class": np.random.randint(1, 4, n),
    }
)
logit = 2.4 * frame["female"] - 1.1 * (frame["class"] - 2) - 0.03 * (frame["age"] - 35) - 1.0
frame["survived"] = (np.random.rand(n) < 1 / (1 + np.exp(-1.5 * logit))).astype(int)
frame.loc[np.random.rand(n) < 0.2, "age"] = np.nan
features = frame.drop(columns="survived")
features = features.fillna(features.mean())
features = (features - features.mean()) / features.std()
X_train, X_val, y_train, y_val = train_test_split(
    features.values, frame["survived"].values, random_state=SEED
)
X_train, X_val = torch.tensor(X_train, dtype=torch.float32), torch.tensor(X_val, dtype=torch.float32)
y_train, y_val = torch.tensor(y_train), torch.tensor(y_val)

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(25):
    for idx in torch.randperm(len(X_train)).split(25):
        loss = F.cross_entropy(model(X_train[idx]), y_train[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", round(loss.item(), 4))
with torch.no_grad():
    val_acc = (model(X_val).argmax(1) == y_val).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
