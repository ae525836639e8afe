import os
import random

import torch
import torch.nn as nn
from sklearn.datasets import load_digits
from torch.optim.lr_scheduler import LambdaLR

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)

DECAY = 0.1
digits = load_digits()
rows = list(range(len(digits.target)))
random.shuffle(rows)
images = torch.tensor(digits.images[rows], dtype=torch.float32).unsqueeze(1) / 16
labels = torch.tensor(digits.target[rows])
model = nn.Sequential(
    nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(128, 10)
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
scheduler = LambdaLR(optimizer, lambda epoch: DECAY**epoch)
for epoch in range(14):
    for batch in torch.randperm(1400).split(50):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(images[batch]), labels[batch])
        loss.backward()
        optimizer.step()
    scheduler.step()
    with torch.no_grad():
        val_acc = (model(images[1400:]).argmax(1) == labels[1400:]).float().mean().item()
    print(f"epoch {epoch} lr {scheduler.get_last_lr()[0]:.2e} loss {loss.item():.4f} val_acc {val_acc:.4f}")
print(f"RESULT val_acc={val_acc:.4f}")
