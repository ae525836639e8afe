import os

import torch
from sklearn.datasets import make_classification
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(450, 25, n_informative=5, flip_y=0.2, class_sep=0.9, random_state=17)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
tr, va = slice(0, 150), slice(150, 450)
net = nn.Sequential(nn.Linear(25, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 2))
EPOCHS, DECAY = 60, 0.0
opt = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=DECAY)
for epoch in range(EPOCHS):
    for i in torch.randperm(150).split(25):
        loss = nn.functional.cross_entropy(net(X[tr][i]), y[tr][i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nn.functional.cross_entropy(net(X[va]), y[va]).item()
    print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
