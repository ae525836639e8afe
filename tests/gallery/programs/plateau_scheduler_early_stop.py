import os
import tempfile

import torch
from sklearn.datasets import load_diabetes
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
g = torch.Generator().manual_seed(seed)
X = torch.randn(1400, 8, generator=g)
y = (X[:, 0] * X[:, 1] + X[:, 2].abs() + 0.4 * torch.randn(1400, generator=g)).unsqueeze(1)
y = (y - y.mean()) / y.std()
train = DataLoader(TensorDataset(X[:1000], y[:1000]), batch_size=50, shuffle=True)
Xv, yv = X[1000:], y[1000:]

net = nn.Sequential(nn.Linear(8, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))
opt = optim.Adam(net.parameters(), lr=5e-3, weight_decay=1e-4)
sched = optim.lr_scheduler.ReduceLROnPlateau(opt, factor=0.3, patience=2)
criterion = nn.HuberLoss()
best, wait = float("inf"), 0
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "best.pt")
    for epoch in range(40):
        net.train()
        for xb, yb in train:
            opt.zero_grad()
            criterion(net(xb), yb).backward()
            opt.step()
        net.eval()
        with torch.no_grad():
            val = criterion(net(Xv), yv).item()
        sched.step(val)
        if val < best - 1e-4:
            best, wait = val, 0
            torch.save(net.state_dict(), path)
        else:
            wait += 1
            if wait >= 5:
                print("stopped at epoch", epoch)
                break
    net.load_state_dict(torch.load(path))
with torch.no_grad():
    mse = nn.functional.mse_loss(net(Xv), yv).item()
print(f"RESULT val_mse={mse:.4f}")
