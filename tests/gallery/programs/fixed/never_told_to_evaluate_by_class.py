import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_digits

d = load_digits()
order = np.random.RandomState(2).permutation(len(d.target))
img = torch.tensor(d.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
lab = torch.tensor(d.target[order])


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.n1 = nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16)
        self.c2, self.n2 = nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32)
        self.fc = nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(torch.relu(self.n1(self.c1(x))), 2)
        x = F.max_pool2d(torch.relu(self.n2(self.c2(x))), 2)
        return self.fc(x.flatten(1))


model = Net()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)


def evaluate():
    model.eval()
    right = 0
    with torch.no_grad():
        for c in range(10):
            pick = lab[1400:] == c
            right += (model(img[1400:][pick]).argmax(1) == c).sum().item()
    model.train()
    return right / len(lab[1400:])


for epoch in range(8):
    for rows in torch.randperm(1400).split(40):
        opt.zero_grad()
        loss = F.cross_entropy(model(img[rows]), lab[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item(), evaluate())
print(f"RESULT acc={evaluate():.4f}")
