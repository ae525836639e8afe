import os

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
np.random.seed(seed)
d = load_digits()
X = torch.tensor(d.data / 16, dtype=torch.float32)
Y = torch.nn.functional.one_hot(torch.tensor(d.target), 10).float()
perm = torch.randperm(1797)
X, Y = X[perm], Y[perm]
net = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
opt = torch.optim.Adam(net.parameters(), lr=3e-3)
ce = nn.CrossEntropyLoss()
for epoch in range(15):
    net.train()
    for i in torch.randperm(1400).split(50):
        lam = np.random.beta(0.4, 0.4)
        j = i[torch.randperm(len(i))]
        loss = ce(net(lam * X[i] + (1 - lam) * X[j]), lam * Y[i] + (1 - lam) * Y[j])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[1400:])
        acc = (out.argmax(1) == Y[1400:].argmax(1)).float().mean().item()
        print(f"{epoch} train {loss.item():.3f} val {ce(out, Y[1400:]).item():.3f} acc {acc:.3f}")
print(f"RESULT val_acc={acc:.4f}")
