import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
x = torch.randn(1000, 12, 6)
y = ((x[:, :, 0].sum(1) + x[:, :6, 1].sum(1)) > 0).long()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(6, 32, batch_first=True)
        self.fc = nn.Linear(32, 2)
        for name, p in self.lstm.named_parameters():
            if "weight" in name:
                nn.init.normal_(p, std=0.15)

    def forward(self, x):
        return self.fc(self.lstm(x)[1][0][-1])


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for epoch in range(15):
    for rows in torch.randperm(800).split(25):
        opt.zero_grad()
        loss = F.cross_entropy(net(x[rows]), y[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(x[800:]).argmax(1) == y[800:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
