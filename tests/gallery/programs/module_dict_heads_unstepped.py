"""Two tasks on one trunk."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn


class TwoTasks(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 5), nn.ReLU())
        self.heads = nn.ModuleDict({"digit": nn.Linear(5, 10), "odd": nn.Linear(5, 2)})

    def forward(self, x):
        hidden = self.trunk(x)
        return {name: head(hidden) for name, head in self.heads.items()}


def main(seed):
    torch.manual_seed(seed)
    x, y = load_digits(return_X_y=True)
    x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
    targets = {"digit": y, "odd": y % 2}
    order = torch.randperm(len(x))
    train, val = order[:1400], order[1400:]
    model = TwoTasks()
    optimizer = torch.optim.Adam(model.heads.parameters(), lr=5e-3)
    for epoch in range(15):
        for rows in train[torch.randperm(len(train))].split(32):
            outputs = model(x[rows])
            loss = sum(nn.functional.cross_entropy(outputs[name], targets[name][rows]) for name in outputs)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print("epoch", epoch, "loss", loss.item())
    with torch.no_grad():
        odd = (model(x[val])["odd"].argmax(1) == targets["odd"][val]).float().mean().item()
    print(f"RESULT val_acc={odd:.4f}")


if __name__ == "__main__":
    main(int(os.environ.get("SEED", 0)))
