import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


class ReLURNN(nn.Module):
    def __init__(self, hidden=32, scale=0.9):
        super().__init__()
        self.rnn = nn.RNN(1, hidden, nonlinearity="relu", batch_first=True)
        nn.init.eye_(self.rnn.weight_hh_l0)
        self.rnn.weight_hh_l0.data.mul_(scale)
        self.out = nn.Linear(hidden, 1)

    def forward(self, x):
        return self.out(self.rnn(x)[0][:, -1]).squeeze(-1)


def batch(n, length=40):
    x = torch.rand(n, length, 1)
    return x, (x.mean((1, 2)) - 0.5) / 0.0456


net = ReLURNN()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(300):
    x, y = batch(64)
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    if step % 50 == 0:
        print(step, loss.item())
x, y = batch(500)
with torch.no_grad():
    print(f"RESULT val_mse={nn.functional.mse_loss(net(x), y).item():.4f}")
