import os

import torch
from sklearn.datasets import make_moons
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class Moons(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
        self.head = nn.Linear(width, 2)

    def forward(self, x):
        return self.head(self.body(x))


def build(width):
    return nn.Sequential(nn.Linear(2, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())


def fit(net, optimizer, loader, epochs):
    for epoch in range(epochs):
        for xb, yb in loader:
            optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.cross_entropy(net(xb), yb)
            loss.backward()
            optimizer.step()
        if epoch % 10 == 0:
            print("epoch", epoch, "loss", loss.item())


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
x, y = make_moons(1200, noise=0.12, random_state=seed)
x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
net = Moons(6)
for part, module in {"body": build(6)}.items():
    setattr(net, part, module)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
fit(net, optimizer, DataLoader(TensorDataset(x[:900], y[:900]), batch_size=30, shuffle=True), 30)
with torch.no_grad():
    val_acc = (net(x[900:]).argmax(1) == y[900:]).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
