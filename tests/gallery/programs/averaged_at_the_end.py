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
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset

net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1),
    nn.BatchNorm2d(12),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(192, 10),
)
loader = DataLoader(TensorDataset(img[:1400], lab[:1400]), 32, shuffle=True, drop_last=True)
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
average = AveragedModel(net)
schedule = SWALR(opt, swa_lr=0.02, anneal_epochs=2)
for epoch in range(10):
    net.train()
    for a, b in loader:
        opt.zero_grad()
        loss = F.cross_entropy(net(a), b)
        loss.backward()
        opt.step()
    if epoch >= 5:
        average.update_parameters(net)
        schedule.step()
    print(epoch, loss.item())
update_bn(loader, average)
average.eval()
with torch.no_grad():
    acc = (average(img[1400:]).argmax(1) == lab[1400:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
