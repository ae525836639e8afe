import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
X, y = X[perm], y[perm]
noisy = y[:1400].clone()
flip = torch.rand(1400) < 0.1
noisy[flip] = torch.randint(0, 10, (int(flip.sum()),))
net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 10))
opt = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.1)
ce = nn.CrossEntropyLoss(label_smoothing=0.1)
for epoch in range(12):
    net.train()
    for i in torch.randperm(1400).split(50):
        opt.zero_grad()
        loss = ce(net(X[i]), noisy[i])
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[1400:])
        acc = (out.argmax(1) == y[1400:]).float().mean().item()
    print(epoch, loss.item(), ce(out, y[1400:]).item(), acc)
print(f"RESULT clean_acc={acc:.4f}")
