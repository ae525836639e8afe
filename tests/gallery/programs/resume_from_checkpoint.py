import io
import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16).float(), torch.tensor(y)
p = torch.randperm(1797)
Xt, yt, Xv, yv = X[p[:1400]], y[p[:1400]], X[p[1400:]], y[p[1400:]]


def build():
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    return model, torch.optim.Adam(model.parameters(), lr=2e-3)


def train(model, optimizer, epochs):
    for _ in range(epochs):
        for i in torch.randperm(1400).split(70):
            loss = nn.functional.cross_entropy(model(Xt[i]), yt[i])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            out = model(Xv)
        print(loss.item(), nn.functional.cross_entropy(out, yv).item())
    return (out.argmax(1) == yv).float().mean().item()


model, optimizer = build()
train(model, optimizer, 8)
file = io.BytesIO()
torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, file)
file.seek(0)
state = torch.load(file)
model, optimizer = build()
model.load_state_dict(state["model"])
optimizer.load_state_dict(state["optimizer"])
print(f"RESULT val_acc={train(model, optimizer, 6):.4f}")
