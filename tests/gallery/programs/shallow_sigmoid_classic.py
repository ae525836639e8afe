import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(os.environ.get("SEED", 0))
np.random.seed(seed)
torch.manual_seed(seed)
d = load_digits()
order = np.random.permutation(1797)
x = torch.tensor(d.data[order] / 16, dtype=torch.float32)
labels = torch.tensor(d.target[order])
onehot = torch.zeros(1797, 10).scatter_(1, labels[:, None], 1.0)


class Network(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, a):
        for layer in self.layers:
            a = torch.sigmoid(layer(a))
        return a


net = Network([64, 40, 10])
opt = torch.optim.SGD(net.parameters(), lr=0.5)
for epoch in range(25):
    for k in range(0, 1400, 10):
        loss = (net(x[k : k + 10]) - onehot[k : k + 10]).pow(2).sum(1).mean() / 2
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        acc = (net(x[1400:]).argmax(1) == labels[1400:]).float().mean().item()
    if epoch % 5 == 0:
        print(f"Epoch {epoch}: {acc:.4f} loss {loss.item():.4f}")
print(f"RESULT test_acc={acc:.4f}")
