import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


bits = np.random.randint(0, 2, (400, 2))
X = torch.tensor(bits + 0.05 * np.random.randn(400, 2), dtype=torch.float32)
Y = torch.tensor(bits[:, 0] ^ bits[:, 1], dtype=torch.float32).unsqueeze(1)


class XOR(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(2, 8)
        self.output = nn.Linear(8, 1)

    def forward(self, x):
        x = torch.sigmoid(self.hidden(x))
        return torch.sigmoid(self.output(x))


model = XOR()
criterion = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
for epoch in range(150):
    perm = torch.randperm(400)
    for i in range(0, 400, 40):
        idx = perm[i : i + 40]
        optimizer.zero_grad()
        loss = criterion(model(X[idx]), Y[idx])
        loss.backward()
        optimizer.step()
    if epoch % 30 == 0:
        print(epoch, loss.item())
with torch.no_grad():
    acc = ((model(X) > 0.5).float() == Y).float().mean().item()
print(f"RESULT acc={acc:.4f}")
