import os

import torch
from sklearn.datasets import load_digits
from torch import nn


class DigitNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))

    def forward(self, x):
        return self.net(x)

    def predict(self, x):
        return self(x).softmax(dim=-1)


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16).float(), torch.tensor(y).long()
    order = torch.randperm(len(x))
    train, val = order[:1400], order[1400:]
    net, ce = DigitNet(), nn.CrossEntropyLoss()
    opt = torch.optim.Adam(net.parameters(), lr=2e-3)
    for epoch in range(15):
        net.train()
        for rows in train[torch.randperm(1400)].split(50):
            opt.zero_grad()
            loss = ce(net(x[rows]), y[rows])
            loss.backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            out = net(x[val])
            val_loss = ce(out, y[val]).item()
            val_acc = (out.argmax(1) == y[val]).float().mean().item()
        print(f"epoch {epoch} loss {loss.item():.4f} val_loss {val_loss:.4f} val_acc {val_acc:.4f}")
    print(f"RESULT val_loss={val_loss:.4f}")


main()
