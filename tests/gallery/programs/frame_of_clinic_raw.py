import os

import pandas as pd
import torch
from sklearn.datasets import load_breast_cancer
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)

frame: pd.DataFrame = load_breast_cancer(as_frame=True).frame.sample(frac=1.0, random_state=seed)
features = frame.drop(columns="target")
table = TensorDataset(
    torch.tensor(features.to_numpy(), dtype=torch.float32),
    torch.tensor(frame["target"].to_numpy(), dtype=torch.float32).view(-1, 1),
)
train_set, val_set = random_split(table, [430, len(table) - 430])

clinic = nn.Sequential()
clinic.add_module("in", nn.Linear(features.shape[1], 16))
clinic.add_module("act", nn.Tanh())
clinic.add_module("out", nn.Linear(16, 1))
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(clinic.parameters(), lr=0.02, momentum=0.9)

for epoch in range(25):
    clinic.train()
    running = 0.0
    for xb, yb in DataLoader(train_set, batch_size=16, shuffle=True):
        optimizer.zero_grad()
        loss = loss_fn(clinic(xb), yb)
        loss.backward()
        optimizer.step()
        running += loss.item() * len(xb)
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1}: train loss {running / len(train_set):.4f}")

clinic.eval()
with torch.no_grad():
    xv, yv = zip(*val_set)
    xv, yv = torch.stack(xv), torch.stack(yv)
    val_acc = ((clinic(xv) > 0) == (yv > 0.5)).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
