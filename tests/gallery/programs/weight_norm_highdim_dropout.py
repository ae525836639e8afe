import os

import torch
from sklearn.datasets import make_classification
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(700, 60, n_informative=15, n_redundant=10, class_sep=1.3, random_state=7)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y, dtype=torch.float32)
model = nn.Sequential(
    weight_norm(nn.Linear(60, 512)),
    nn.ReLU(),
    nn.Dropout(0.6),
    weight_norm(nn.Linear(512, 256)),
    nn.ReLU(),
    nn.Dropout(0.6),
    nn.Linear(256, 1),
)
opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
bce = nn.BCEWithLogitsLoss()
for epoch in range(14):
    model.train()
    for i in torch.randperm(500).split(25):
        opt.zero_grad()
        loss = bce(model(X[i])[:, 0], y[i])
        loss.backward()
        opt.step()
    model.eval()
    with torch.no_grad():
        out = model(X[500:])[:, 0]
        print(epoch, loss.item(), bce(out, y[500:]).item())
acc = ((out > 0) == (y[500:] > 0)).float().mean().item()
print(f"RESULT val_acc={acc:.4f}")
