import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
idx = torch.randperm(1797)
train_idx, val_idx = idx[:1400], idx[1400:]
model = nn.Sequential(
    nn.Linear(64, 128),
    nn.ReLU(),
    nn.Dropout(0.6),
    nn.Linear(128, 64),
    nn.ReLU(),
    nn.Dropout(0.6),
    nn.Linear(64, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)


def train_epoch():
    model.train()
    for i in train_idx[torch.randperm(1400)].split(50):
        optimizer.zero_grad()
        loss = criterion(model(x[i]), y[i])
        loss.backward()
        optimizer.step()


@torch.no_grad()
def validate():
    out = model(x[val_idx])
    return criterion(out, y[val_idx]).item(), (out.argmax(1) == y[val_idx]).float().mean().item()


for epoch in range(16):
    train_epoch()
    loss, acc = validate()
    print(f"epoch {epoch}  val_loss {loss:.4f}  val_acc {acc:.4f}")
print(f"RESULT val_acc={acc:.4f}")
