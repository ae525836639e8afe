import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

g = torch.Generator().manual_seed(2)
x = torch.randn(1000, 12, 3, generator=g)
y = (x[:, :, 0].sum(1) > 0).long()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.fc = nn.LSTM(3, 16, batch_first=True), nn.Linear(16, 2)
        for p in self.parameters():
            p.data.zero_()

    def forward(self, x):
        return self.fc(self.lstm(x)[1][0][0])


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    for i in torch.randperm(800).split(40):
        opt.zero_grad()
        loss = F.cross_entropy(net(x[i]), y[i])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(x[800:]).argmax(1) == y[800:]).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
