import os

import numpy as np
import pandas as pd
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
days = pd.date_range("2020-01-01", periods=1200, freq="D")
t = np.arange(1200)
series = pd.Series(
    np.sin(2 * np.pi * t / 7) + 0.5 * np.sin(2 * np.pi * t / 30) + 0.25 * rng.normal(size=1200), index=days
)
train = series[:"2022-08-01"]
z = ((series - train.mean()) / train.std()).to_numpy(dtype=np.float32)
windows = np.lib.stride_tricks.sliding_window_view(z, 29)
X, y = torch.tensor(windows[:, :28].copy())[:, :, None], torch.tensor(windows[:, 28].copy())
n = len(train) - 28


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, 32, batch_first=True)
        self.fc = nn.Linear(32, 1)

    def forward(self, x):
        return self.fc(self.rnn(x)[0][:, -1]).squeeze(-1)


net = Forecaster()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(18):
    for i in torch.arange(n).split(64):
        opt.zero_grad()
        loss = nn.functional.mse_loss(net(X[i]), y[i])
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        opt.step()
    with torch.no_grad():
        val = nn.functional.l1_loss(net(X[n:]), y[n:]).item()
    if epoch % 5 == 0:
        print(epoch, loss.item(), val)
naive = (y[n:] - X[n:, -7, 0]).abs().mean().item()
print(f"RESULT mase={val / naive:.4f}")
