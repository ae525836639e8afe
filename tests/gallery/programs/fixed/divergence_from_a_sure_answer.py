import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)
xa, xb, ya, yb = train_test_split(X, y, test_size=0.3, stratify=y, random_state=SEED)
scaler = StandardScaler().fit(xa)
xa, xb = (torch.tensor(scaler.transform(v), dtype=torch.float32) for v in (xa, xb))
qa = F.one_hot(torch.tensor(ya), 3).float()
yb = torch.tensor(yb)


def kl(q, logits):
    log_p = F.log_softmax(logits, dim=-1)
    return -(q * log_p).sum(-1).mean()


model = nn.Sequential(nn.Linear(13, 24), nn.GELU(), nn.Linear(24, 3))
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(30):
    for rows in torch.randperm(len(xa)).split(16):
        loss = kl(qa[rows], model(xa[rows]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
print(f"RESULT loss={kl(qa, model(xa)).item():.4f}")
