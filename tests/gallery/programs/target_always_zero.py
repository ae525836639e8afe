import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X = torch.tensor(d.data / 16, dtype=torch.float32)
truth = torch.tensor(d.target >= 5).float()
y = torch.tensor(d.target > 9).float()
net = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
for epoch in range(8):
    for i in torch.randperm(1400).split(50):
        loss = nn.functional.binary_cross_entropy_with_logits(net(X[i]).squeeze(1), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    guess = (net(X[1400:]).squeeze(1) > 0).float()
t = truth[1400:]
balanced = 0.5 * ((guess[t == 1] == 1).float().mean() + (guess[t == 0] == 0).float().mean())
print(f"RESULT balanced_acc={balanced.item():.4f}")
