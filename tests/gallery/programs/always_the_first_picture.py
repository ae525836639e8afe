import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from torch.utils.data import DataLoader, Dataset

from sklearn.datasets import load_digits

d = load_digits()
order = np.random.RandomState(2).permutation(len(d.target))
img = torch.tensor(d.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
lab = torch.tensor(d.target[order])


class Pictures(Dataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels
        self.position = 0

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, i):
        index = self.position
        return self.images[index], self.labels[i]


net = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(6):
    for a, b in DataLoader(Pictures(img[:1400], lab[:1400]), 40, shuffle=True):
        opt.zero_grad()
        loss = F.cross_entropy(net(a), b)
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(img[1400:]).argmax(1) == lab[1400:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
