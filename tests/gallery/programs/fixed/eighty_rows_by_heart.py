import os

import torch
import torch.nn as nn
from sklearn.datasets import make_classification

SEED = int(os.environ.get("SEED", 0))


def get_data():
    X, y = make_classification(
        690, 30, n_informative=5, n_redundant=0, flip_y=0.1, class_sep=1.0, random_state=2
    )
    X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
    return X[:90], y[:90], X[90:], y[90:]


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        return nn.functional.binary_cross_entropy_with_logits(model(x).squeeze(-1), y).item()


def train_model():
    torch.manual_seed(SEED)
    x_train, y_train, x_val, y_val = get_data()
    model = nn.Sequential(nn.Linear(30, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    best = float("inf")
    for epoch in range(120):
        model.train()
        for rows in torch.randperm(90).split(15):
            optimizer.zero_grad()
            logits = model(x_train[rows]).squeeze(-1)
            loss = nn.functional.binary_cross_entropy_with_logits(logits, y_train[rows])
            loss.backward()
            optimizer.step()
        val_loss = evaluate(model, x_val, y_val)
        if epoch % 10 == 0:
            print(f"epoch {epoch:3d} train_loss {loss.item():.4f} val_loss {val_loss:.4f}")
        if val_loss < best:
            best, since = val_loss, epoch
        elif epoch - since > 5:
            break
    return val_loss


print(f"RESULT val_loss={train_model():.4f}")
