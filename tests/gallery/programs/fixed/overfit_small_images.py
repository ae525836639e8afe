import os

import numpy as np
import torch
import torch.nn as nn
from sklearn.datasets import load_digits

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
rng = np.random.default_rng(SEED)
data = load_digits()
order = rng.permutation(len(data.images))
images = torch.tensor(data.images[order] / 16, dtype=torch.float32)[:, None]
labels = torch.tensor(data.target[order])
train_x, train_y = images[:250].clone(), labels[:250].clone()
noisy = torch.tensor(rng.random(250) < 0.3)
train_y[noisy] = torch.randint(0, 10, (int(noisy.sum()),))
val_x, val_y = images[250:850], labels[250:850]

EPOCHS = 8
model = nn.Sequential(
    nn.Conv2d(1, 32, 3, padding=1),
    nn.ReLU(),
    nn.Conv2d(32, 32, 3, padding=1),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Dropout(0.3),
    nn.Linear(512, 128),
    nn.ReLU(),
    nn.Linear(128, 10),
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(EPOCHS):
    model.train()
    for i in torch.randperm(250).split(25):
        optimizer.zero_grad()
        loss = criterion(model(train_x[i]), train_y[i])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val_loss = criterion(model(val_x), val_y).item()
    print(f"epoch {epoch:2d} train {loss.item():.4f} val {val_loss:.4f}")
print(f"RESULT val_loss={val_loss:.4f}")
