import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import load_digits

digits = load_digits()
x = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
y = torch.tensor(digits.target)
order = torch.randperm(len(x))
train, val = order[:1400], order[1400:]


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 6, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten())
        self.project = nn.Linear(54, 24)

    def forward(self, x):
        return torch.relu(self.project(self.conv(x)))


class Classifier(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(24, 10)

    def forward(self, x):
        return self.head(self.backbone(x))


model = Classifier(Backbone())
for param in model.backbone.parameters():
    param.requires_grad = True
optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=0.005)
for epoch in range(12):
    model.train()
    for idx in train[torch.randperm(1400)].split(35):
        loss = F.cross_entropy(model(x[idx]), y[idx])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val_acc = (model(x[val]).argmax(1) == y[val]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val_acc {val_acc:.4f}")
print(f"RESULT val_acc={val_acc:.4f}")
