import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)


class VQ(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.d = (
            nn.Sequential(nn.Linear(64, 48), nn.ReLU(), nn.Linear(48, 32)),
            nn.Sequential(nn.Linear(32, 48), nn.ReLU(), nn.Linear(48, 64)),
        )
        self.book = nn.Parameter(torch.randn(32, 4) * 0.3)

    def forward(self, x):
        z = self.e(x).view(-1, 4)
        q = self.book[torch.cdist(z, self.book).argmin(1)]
        extra = F.mse_loss(q, z.detach()) + 0.25 * F.mse_loss(z, q.detach())
        return self.d((z + (q - z).detach()).view(len(x), -1)), extra


net = VQ()
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for i in torch.randperm(len(X_train)).split(64):
        out, extra = net(X_train[i])
        loss = F.mse_loss(out, X_train[i]) + extra
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    val = F.mse_loss(net(X_test)[0], X_test).item()
print(f"RESULT val_mse={val:.4f}")
