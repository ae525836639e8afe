import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

from sklearn.datasets import load_digits

digits = load_digits()
order = np.random.RandomState(3).permutation(len(digits.target))
images = torch.tensor(digits.images[order] / 16.0, dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(digits.target[order])
train_x, val_x, train_y, val_y = images[:1400], images[1400:], labels[:1400], labels[1400:]

loader = DataLoader(TensorDataset(train_x, train_y), batch_size=50, shuffle=True)
net = nn.Sequential(
    nn.Conv2d(1, 16, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(16, 32, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(128, 10),
)
criterion = nn.CrossEntropyLoss()
sgd = torch.optim.SGD(net.parameters(), lr=1.0, momentum=0.9)


def fit_one(batch):
    xb, yb = batch
    sgd.zero_grad(set_to_none=True)
    loss = criterion(net(xb), yb)
    loss.backward()
    sgd.step()
    return loss.detach()


for epoch in range(8):
    mean = torch.stack([fit_one(batch) for batch in loader]).mean()
    with torch.no_grad():
        acc = (net(val_x).argmax(1) == val_y).float().mean()
    print(f"epoch {epoch}: {mean:.3f} {acc:.3f}")
print(f"RESULT val_acc={acc:.4f}")
