import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import make_multilabel_classification
from sklearn.metrics import f1_score

X, Y = make_multilabel_classification(1500, n_features=20, n_classes=6, n_labels=3, random_state=3)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
Y = torch.tensor(Y, dtype=torch.float32)

tagger = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 6), nn.Sigmoid())
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(tagger.parameters(), lr=0.003)
for epoch in range(20):
    for idx in torch.randperm(1200).split(30):
        optimizer.zero_grad()
        loss = criterion(tagger(X[idx]), Y[idx])
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with torch.no_grad():
    tags = (tagger(X[1200:]) > 0.5).int()
print(f"RESULT f1={f1_score(Y[1200:].int(), tags, average='micro'):.4f}")
