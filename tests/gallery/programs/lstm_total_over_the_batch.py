import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.randn(1000, 20, 1)
y = x[:, -5:, 0].mean(1, keepdim=True) * 2


class Counter(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        out, (h, _) = self.lstm(x)
        return self.fc(h[-1])


model = Counter()
criterion = nn.MSELoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
for epoch in range(20):
    for rows in torch.randperm(800).split(64):
        optimizer.zero_grad()
        loss = criterion(model(x[rows]), y[rows])
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4g}")
with torch.no_grad():
    mse = ((model(x[800:]) - y[800:]) ** 2).mean().item()
print(f"RESULT mse={min(mse, 1e6):.4f}")
