import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

t = torch.linspace(0, 60, 1200)
wave = torch.sin(t) + 0.5 * torch.sin(2.7 * t)
windows = wave.unfold(0, 25, 1)
x, y = windows[:, :24, None], windows[:, 24:]


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(1, 24, batch_first=True)
        self.fc = nn.Linear(24, 1)

    def forward(self, x):
        out, _ = self.rnn(x)
        return self.fc(out[:, -1])


model = Forecaster()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(6):
    for i in torch.randperm(900).split(45):
        loss = F.mse_loss(model(x[i]), y[i])
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = F.mse_loss(model(x[900:]), y[900:]).item()
    print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
