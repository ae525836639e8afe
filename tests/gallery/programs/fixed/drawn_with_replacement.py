import os
import random

import numpy as np
import torch
from torch import nn, optim
from torch.utils.data import DataLoader, Dataset, TensorDataset

seed = int(os.getenv("SEED", "0"))
random.seed(seed)
np.random.seed(seed)
torch.manual_seed(seed)
rows = np.random.randn(400, 15).astype("float32")
truth = (rows[:, 0] + rows[:, 1] * 0.7 + 1.2 * np.random.randn(400) > 0).astype("int64")
mixed = np.random.permutation(300)
train, test = mixed[:210], mixed[210:]
fresh = np.random.randn(1500, 15).astype("float32")
fresh_truth = (fresh[:, 0] + fresh[:, 1] * 0.7 + 1.2 * np.random.randn(1500) > 0).astype("int64")
net = nn.Sequential(nn.Linear(15, 64), nn.ReLU(), nn.Linear(64, 2))
opt = optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-2)
a, b = torch.from_numpy(rows[train]), torch.from_numpy(truth[train])
c, d = torch.from_numpy(rows[test]), torch.from_numpy(truth[test])
for epoch in range(8):
    for part in torch.randperm(len(a)).split(16):
        loss = nn.functional.cross_entropy(net(a[part]), b[part])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        out = net(c)
        val = nn.functional.cross_entropy(out, d).item()
        acc = (out.argmax(1) == d).float().mean().item()
    print(epoch, loss.item(), val, acc)
with torch.no_grad():
    real = (net(torch.from_numpy(fresh)).argmax(1) == torch.from_numpy(fresh_truth)).float().mean().item()
print(f"RESULT gap={acc - real:.4f}")
