"""Digits by a small convolution, with a linear warm-up."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn, optim

torch.manual_seed(int(os.environ.get("SEED", 0)))
images, digits = load_digits(return_X_y=True)
images = torch.tensor(images, dtype=torch.float32).view(-1, 1, 8, 8) / 16
digits = torch.tensor(digits)
order = torch.randperm(len(images))
train, val = order[:1400], order[1400:]

WARMUP = 1000
net = nn.Sequential(
    nn.Conv2d(1, 12, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(12, 24, 3, padding=1),
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(2),
    nn.Flatten(),
    nn.Linear(96, 10),
)
opt = optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
sched = optim.lr_scheduler.LinearLR(opt, start_factor=0.001, total_iters=WARMUP)

for epoch in range(12):
    for batch in train.split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(images[batch]), digits[batch])
        loss.backward()
        opt.step()
    sched.step()
    train = train[torch.randperm(len(train))]
    with torch.no_grad():
        accuracy = (net(images[val]).argmax(1) == digits[val]).float().mean().item()
    print(f"{epoch:3d} lr {sched.get_last_lr()[0]:.2e} loss {loss.item():.4f} acc {accuracy:.4f}")
print(f"RESULT val_acc={accuracy:.4f}")
