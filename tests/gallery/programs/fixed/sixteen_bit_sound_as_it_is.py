import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
rate, n = 400, 600
clock = np.arange(rate) / rate


def tone(kind):
    f = (12, 19, 28)[kind] * (1 + 0.05 * np.random.randn())
    wave = np.sin(2 * np.pi * f * clock + np.random.rand() * 6) * np.random.uniform(
        0.3, 0.9
    ) + 0.3 * np.random.randn(rate)
    return np.clip(wave * 12000, -32768, 32767).astype("int16")


kinds = np.random.randint(0, 3, n)
sound = torch.tensor(np.stack([tone(k) for k in kinds]).astype("float32")).unsqueeze(1) / 12000
label = torch.tensor(kinds)
net = nn.Sequential(
    nn.Conv1d(1, 8, 21, stride=4),
    nn.ReLU(),
    nn.Conv1d(8, 16, 9, stride=2),
    nn.ReLU(),
    nn.AdaptiveMaxPool1d(1),
    nn.Flatten(),
    nn.Linear(16, 3),
)
opt = optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
ce = nn.CrossEntropyLoss()
for epoch in range(15):
    for a, b in DataLoader(TensorDataset(sound[:450], label[:450]), 25, shuffle=True):
        opt.zero_grad()
        loss = ce(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(sound[450:]).argmax(1) == label[450:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
