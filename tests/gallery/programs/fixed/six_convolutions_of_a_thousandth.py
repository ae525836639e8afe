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
from sklearn.datasets import load_digits

d = load_digits()
order = np.random.RandomState(2).permutation(len(d.target))
img = torch.tensor(d.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
lab = torch.tensor(d.target[order])


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [1, 12, 12, 12, 16, 16, 16]
        self.convs = nn.ModuleList([nn.Conv2d(a, b, 3, padding=1) for a, b in zip(widths[:-1], widths[1:])])
        self.fc = nn.Linear(16, 10)
        for conv in self.convs:
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)

    def forward(self, x):
        for i, conv in enumerate(self.convs):
            x = torch.relu(conv(x))
            if i in (2, 4):
                x = nn.functional.max_pool2d(x, 2)
        return self.fc(x.mean((2, 3)))


net = Deep()
opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
ce = nn.CrossEntropyLoss()
for epoch in range(12):
    for a, b in DataLoader(TensorDataset(img[:1400], lab[:1400]), 40, shuffle=True):
        opt.zero_grad()
        loss = ce(net(a), b)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(img[1400:]).argmax(1) == lab[1400:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
