import os

import torch
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, grade = load_breast_cancer(return_X_y=True)
grade = grade + 0
X = torch.tensor(StandardScaler().fit_transform(X), dtype=torch.float32)
Y = torch.tensor(grade, dtype=torch.float32)
order = torch.randperm(len(X))
X, Y = X[order], Y[order]
net = nn.Sequential(nn.Linear(30, 16), nn.ReLU(), nn.Linear(16, 1))
bce = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for epoch in range(20):
    for rows in torch.randperm(420).split(30):
        optimizer.zero_grad()
        loss = bce(net(X[rows]).squeeze(-1), Y[rows])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with torch.no_grad():
    guess = (net(X[420:]).squeeze(-1) > 0).float() + Y.min()
    val_acc = (guess == Y[420:]).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
