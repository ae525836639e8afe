import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


def mlp(inputs: int, outputs: int, hidden: tuple[int, ...] = (2, 2)) -> nn.Sequential:
    layers: list[nn.Module] = []
    for width in hidden:
        layers.append(nn.Linear(inputs, width))
        layers.append(nn.ReLU())
        inputs = width
    layers.append(nn.Linear(inputs, outputs))
    return nn.Sequential(*layers)


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y))
train, val = random_split(data, [1400, 397])
net = mlp(64, 10)
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(15):
    net.train()
    for xb, yb in DataLoader(train, batch_size=40, shuffle=True):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(xb), yb)
        loss.backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        outcome = [(net(xb).argmax(1) == yb) for xb, yb in DataLoader(val, batch_size=100)]
        val_acc = torch.cat(outcome).float().mean().item()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {loss.item():.4f} val_acc {val_acc:.4f}")
print(f"RESULT val_acc={val_acc:.4f}")
