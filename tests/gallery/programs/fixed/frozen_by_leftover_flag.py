import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(64, 10), nn.Tanh(), nn.Linear(10, 8), nn.Tanh())
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        return self.fc(self.features(x))


def freeze(module, frozen=True):
    for p in module.parameters():
        p.requires_grad = not frozen


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
freeze(model.features)
for epoch in range(16):
    if epoch == 2:
        freeze(model.features, frozen=False)
    for i in tr[torch.randperm(1400)].split(70):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(X[i]), y[i])
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (model(X[va]).argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
