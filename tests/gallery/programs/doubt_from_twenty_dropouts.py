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
from sklearn.datasets import make_moons

pts, lab = make_moons(900, noise=0.2, random_state=seed)
X, y = torch.tensor(pts, dtype=torch.float32), torch.tensor(lab)
net = nn.Sequential(
    nn.Linear(2, 64),
    nn.ReLU(),
    nn.Dropout(0.2),
    nn.Linear(64, 64),
    nn.ReLU(),
    nn.Dropout(0.2),
    nn.Linear(64, 2),
)
opt = optim.Adam(net.parameters(), lr=4e-3, weight_decay=1e-4)
ce = nn.CrossEntropyLoss()
for epoch in range(20):
    net.train()
    for a, b in DataLoader(TensorDataset(X[:600], y[:600]), 25, shuffle=True):
        opt.zero_grad()
        loss = ce(net(a), b)
        loss.backward()
        opt.step()
    net.train()
    with torch.no_grad():
        votes = torch.stack([net(X[600:]).softmax(1) for _ in range(20)]).mean(0)
    nll = nn.functional.nll_loss(votes.log(), y[600:]).item()
    print(epoch, loss.item(), nll)
print(f"RESULT nll={nll:.4f}")
