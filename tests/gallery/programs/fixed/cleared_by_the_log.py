import os

import torch
from torch import nn


def log_norm(model, history):
    total = sum(p.grad.pow(2).sum().item() for p in model.parameters() if p.grad is not None) ** 0.5
    history.append(total)


def train(model, x, y, epochs=25):
    history = []
    optimizer = torch.optim.Adam(model.parameters(), lr=4e-3)
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x[rows]), y[rows])
            loss.backward()
            log_norm(model, history)
            optimizer.step()
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1} loss {loss.item():.4f} norm {history[-1]:.3f}")


torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.randn(1300, 3)
y = (x[:, 0] * x[:, 1] + torch.sin(2 * x[:, 2])).unsqueeze(1)
model = nn.Sequential(nn.Linear(3, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
train(model, x[:1000], y[:1000])
with torch.no_grad():
    r2 = 1 - (model(x[1000:]) - y[1000:]).pow(2).mean() / y[1000:].var()
print(f"RESULT r2={r2.item():.4f}")
