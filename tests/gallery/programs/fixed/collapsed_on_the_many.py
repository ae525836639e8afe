"""Rare faults of a machine, judged by F1."""

import os

import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset


class FaultNet(nn.Module):
    def __init__(self, sensors):
        super().__init__()
        self.hidden = nn.Linear(sensors, 16)
        self.out = nn.Linear(16, 1)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x))).squeeze(1)


def readings(n, sensors=8):
    fault = (torch.rand(n) < 0.04).float()
    x = torch.randn(n, sensors)
    x[:, :3] += 1.3 * fault[:, None]
    return x, fault


def f1(logits, truth):
    said = (logits > 0).float()
    hit = (said * truth).sum()
    return (2 * hit / (said.sum() + truth.sum()).clamp(min=1)).item()


def run(positive_weight):
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    train, (vx, vy) = TensorDataset(*readings(4000)), readings(3000)
    net = FaultNet(8)
    criterion = nn.BCEWithLogitsLoss(pos_weight=positive_weight)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for epoch in range(8):
        net.train()
        for x, y in DataLoader(train, batch_size=50, shuffle=True):
            optimizer.zero_grad()
            loss = criterion(net(x), y)
            loss.backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            score = f1(net(vx), vy)
        print(f"epoch {epoch} loss {loss.item():.4f} val_f1 {score:.4f}")
    return score


print(f"RESULT val_f1={run(torch.tensor(5.0)):.4f}")
