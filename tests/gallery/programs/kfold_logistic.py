import os

import numpy as np
import torch
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import StratifiedKFold
from sklearn.preprocessing import StandardScaler
from torch import nn

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
X, y = load_breast_cancer(return_X_y=True)
scores = []
for fold, (tr, te) in enumerate(StratifiedKFold(5, shuffle=True, random_state=SEED).split(X, y)):
    scaler = StandardScaler().fit(X[tr])
    xtr = torch.tensor(scaler.transform(X[tr]), dtype=torch.float32)
    xte = torch.tensor(scaler.transform(X[te]), dtype=torch.float32)
    ytr, yte = torch.tensor(y[tr], dtype=torch.float32), torch.tensor(y[te])
    model = nn.Linear(30, 1)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, weight_decay=1e-3)
    for _ in range(40):
        for i in torch.randperm(len(tr)).split(64):
            loss = nn.functional.binary_cross_entropy_with_logits(model(xtr[i]).squeeze(1), ytr[i])
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        scores.append(((model(xte).squeeze(1) > 0) == yte).float().mean().item())
    print(f"fold {fold}: {scores[-1]:.4f}")
print(f"RESULT mean_acc={np.mean(scores):.4f}")
