import os

import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
N, T = 900, 16
phase = rng.uniform(0, 6.28, (N, 1))
label = rng.integers(0, 2, N)
t = np.arange(T)[None]
wave = np.sin(phase + t * np.where(label, 0.9, 0.55)[:, None]) + 0.2 * rng.normal(size=(N, T))
X = torch.tensor(wave[:, :, None], dtype=torch.float32)
y = torch.tensor(label)


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 32, batch_first=True)
        self.out = nn.Linear(32, 2)

    def forward(self, x):
        states, _ = self.lstm(x)
        return self.out(states[:, -1])


model = Recurrent()
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(15):
    for i in torch.randperm(700).split(35):
        loss = nn.functional.cross_entropy(model(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = model(X[700:])
        val, acc = (
            nn.functional.cross_entropy(out, y[700:]).item(),
            (out.argmax(1) == y[700:]).float().mean().item(),
        )
    print(epoch, loss.item(), val, acc)
print(f"RESULT val_acc={acc:.4f}")
