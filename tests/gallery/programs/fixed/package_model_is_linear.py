"""Three rings."""

import os

import torch
from curved_kit.model import RingNet
from torch.utils.data import DataLoader, TensorDataset


def rings(n):
    ring = torch.randint(0, 3, (n,))
    angle = torch.rand(n) * 6.2832
    radius = 0.5 + ring + 0.15 * torch.randn(n)
    return torch.stack([radius * angle.cos(), radius * angle.sin()], 1), ring


torch.manual_seed(int(os.environ.get("SEED", 0)))
train_loader = DataLoader(TensorDataset(*rings(1500)), batch_size=50, shuffle=True)
test_points, test_rings = rings(500)
model = RingNet()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(10):
    for points, ring in train_loader:
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(points), ring)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
with torch.no_grad():
    accuracy = (model(test_points).argmax(1) == test_rings).float().mean().item()
print(f"RESULT val_acc={accuracy:.4f}")
