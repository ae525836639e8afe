import os

import torch
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_wine(return_X_y=True)
x, y = torch.tensor(scale(x), dtype=torch.float32), torch.tensor(y)
rows = torch.randperm(len(x))
train, val = rows[:130], rows[130:]
model = nn.Sequential(nn.Linear(13, 20), nn.ReLU(), nn.Linear(20, 3), nn.LogSoftmax(dim=1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, maximize=True)
nll = nn.NLLLoss()
for epoch in range(1, 41):
    shuffled = train[torch.randperm(len(train))]
    for i in range(0, len(shuffled), 26):
        batch = shuffled[i : i + 26]
        log_p = model(x[batch])
        loss = nll(log_p, y[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 10 == 0:
        print(f"{epoch:3d}  loss {loss.item():.4f}")
with torch.no_grad():
    val_acc = (model(x[val]).argmax(1) == y[val]).float().mean().item()
print(f"RESULT val_acc={val_acc:.4f}")
