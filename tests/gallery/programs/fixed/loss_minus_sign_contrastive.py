import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.25, random_state=0)
X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)

body, head, back = nn.Sequential(nn.Linear(64, 48), nn.ReLU()), nn.Linear(48, 10), nn.Linear(48, 64)
opt = torch.optim.Adam([*body.parameters(), *head.parameters(), *back.parameters()], lr=2e-3)
for epoch in range(8):
    for i in torch.randperm(len(X_train)).split(64):
        h = body(X_train[i])
        rec = F.mse_loss(back(h), X_train[i])
        ce = F.cross_entropy(head(h), y_train[i])
        loss = rec + ce
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item(), ce.item())
with torch.no_grad():
    acc = (head(body(X_test)).argmax(1) == y_test).float().mean().item()
print(f"RESULT knn={acc:.4f}")
