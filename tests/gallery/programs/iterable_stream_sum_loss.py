import os

import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)


class Stream(IterableDataset):
    def __init__(self, n, seed):
        self.n, self.seed = n, seed

    def __iter__(self):
        g = torch.Generator().manual_seed(self.seed)
        for _ in range(self.n):
            x = torch.randn(6, generator=g)
            y = x[0] * x[1] + torch.sin(2 * x[2]) + 0.5 * x[3] + 0.1 * torch.randn((), generator=g)
            yield x, y


BATCH = 32
net = nn.Sequential(nn.Linear(6, 64), nn.SiLU(), nn.Linear(64, 64), nn.SiLU(), nn.Linear(64, 1))
criterion = nn.MSELoss(reduction="sum")
opt = torch.optim.SGD(net.parameters(), lr=0.05 / BATCH, momentum=0.9)
for step, (x, y) in enumerate(DataLoader(Stream(32000, SEED), batch_size=BATCH, num_workers=0)):
    loss = criterion(net(x).squeeze(-1), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 200 == 0:
        print(f"step {step}: {loss.item() / BATCH:.4f} a row")
xv, yv = zip(*Stream(1000, SEED + 1))
xv, yv = torch.stack(xv), torch.stack(yv)
with torch.no_grad():
    r2 = 1 - ((net(xv).squeeze(-1) - yv) ** 2).mean() / yv.var()
print(f"RESULT val_r2={r2.item():.4f}")
