import os

import torch
from sklearn.datasets import load_digits
from torch import nn

EPOCHS = 12
THAW_AT = 40


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(64, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh())
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        return self.head(self.body(x))


def set_trainable(module: nn.Module, flag: bool) -> None:
    for parameter in module.parameters():
        parameter.requires_grad = flag


def main(seed: int) -> None:
    torch.manual_seed(seed)
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    order = torch.randperm(len(x))
    train, val = order[:1400], order[1400:]
    net = Net()
    set_trainable(net.body, False)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    for epoch in range(EPOCHS):
        if epoch == THAW_AT:
            set_trainable(net.body, True)
        for rows in train[torch.randperm(1400)].split(28):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            acc = (net(x[val]).argmax(1) == y[val]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} val_acc {acc:.4f}")
    print(f"RESULT val_acc={acc:.4f}")


if __name__ == "__main__":
    main(int(os.environ.get("SEED", 0)))
