"""Two spirals; everything is an argument."""

import argparse
import math
import os

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import clip_grad_norm_


def spirals(n, turns=1.2):
    radius = torch.sqrt(torch.rand(n))
    side = torch.randint(0, 2, (n,))
    angle = 2 * math.pi * turns * radius + math.pi * side
    points = torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], 1)
    return points * 2 + 0.05 * torch.randn(n, 2), side


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.inner = nn.Linear(2, width)
        self.middle = nn.Linear(width, width)
        self.outer = nn.Linear(width, 2)

    def forward(self, x):
        return self.outer(F.relu(self.middle(F.relu(self.inner(x)))))


def train_one_epoch(model, optimizer, x, y, args):
    model.train()
    total = 0.0
    for rows in torch.randperm(len(x)).split(args.batch_size):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(x[rows]), y[rows])
        loss.backward()
        clip_grad_norm_(model.parameters(), args.clip)
        optimizer.step()
        total += loss.item() * len(rows)
    return total / len(x)


def evaluate(model, x, y):
    model.eval()
    with torch.no_grad():
        return (model(x).argmax(1) == y).float().mean().item()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lr", type=float, default=0.3)
    parser.add_argument("--clip", type=float, default=5.0)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--batch-size", type=int, default=40)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", 0)))
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    x, y = spirals(1200)
    vx, vy = spirals(400)
    model = Net(args.width)
    optimizer = torch.optim.SGD(model.parameters(), lr=args.lr)
    for epoch in range(args.epochs):
        loss = train_one_epoch(model, optimizer, x, y, args)
        if epoch % 5 == 4:
            print(f"epoch {epoch + 1}: loss {loss:.4f}, accuracy {evaluate(model, vx, vy):.4f}")
    print(f"RESULT val_acc={evaluate(model, vx, vy):.4f}")


if __name__ == "__main__":
    main()
