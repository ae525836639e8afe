import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
V = 25
table = torch.softmax(3 * torch.randn(V, V), 1)
stream = [0]
for _ in range(4000):
    stream.append(int(torch.multinomial(table[stream[-1]], 1)))
stream = torch.tensor(stream)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(V, 16)
        self.fc1 = nn.Linear(48, 64)
        self.fc2 = nn.Linear(64, V)

    def forward(self, x):
        x = torch.relu(self.fc1(self.emb(x).flatten(1)))
        return self.fc2(x)


windows = stream.unfold(0, 4, 1)
context, following = windows[:, :3], windows[:, 3]
net = Net()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_function = nn.NLLLoss()
for epoch in range(6):
    for rows in torch.randperm(3200).split(40):
        opt.zero_grad()
        loss = loss_function(net(context[rows]), following[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
best = table.argmax(1)[context[3200:, 2]]
with torch.no_grad():
    acc = (net(context[3200:]).argmax(1) == best).float().mean().item()
print(f"RESULT acc={acc:.4f}")
