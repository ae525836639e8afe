import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8), nn.ReLU())

    def forward(self, x):
        return self.layers(x)


encoder, head = Encoder(), nn.Linear(8, 10)
optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()], lr=5e-3)
criterion = nn.CrossEntropyLoss()
for epoch in range(15):
    for i in tr[torch.randperm(1400)].split(50):
        loss = criterion(head(encoder(X[i])), y[i])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        acc = (head(encoder(X[va])).argmax(1) == y[va]).float().mean().item()
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
