import os

import torch
from sklearn.datasets import make_multilabel_classification
from torch import nn
from torch.nn import BCEWithLogitsLoss
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, Y = make_multilabel_classification(2400, 30, n_classes=8, n_labels=3, random_state=3)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
Y = torch.tensor(Y, dtype=torch.float32)
train_set, val_set = TensorDataset(X[:2000], Y[:2000]), TensorDataset(X[2000:], Y[2000:])

model = nn.Sequential(nn.Linear(30, 64), nn.ELU(), nn.Linear(64, 8))
loss_fn = BCEWithLogitsLoss()
optimizer = torch.optim.NAdam(model.parameters(), lr=2e-3)


def evaluate():
    model.eval()
    tp = fp = fn = 0
    loss = 0.0
    with torch.no_grad():
        for xb, yb in DataLoader(val_set, batch_size=100):
            out = model(xb)
            loss += loss_fn(out, yb).item() / 4
            p = out > 0
            tp += (p & (yb > 0)).sum().item()
            fp += (p & (yb == 0)).sum().item()
            fn += (~p & (yb > 0)).sum().item()
    return loss, 2 * tp / (2 * tp + fp + fn)


for epoch in range(12):
    model.train()
    for xb, yb in DataLoader(train_set, batch_size=40, shuffle=True):
        optimizer.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        optimizer.step()
    val_loss, f1 = evaluate()
    print(f"epoch {epoch + 1:2d}  val loss {val_loss:.4f}  f1 {f1:.4f}")
print(f"RESULT micro_f1={f1:.4f}")
