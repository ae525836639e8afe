import os

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.metrics import recall_score
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(
    4000,
    12,
    n_informative=6,
    n_clusters_per_class=1,
    weights=[0.97],
    class_sep=0.9,
    flip_y=0.01,
    random_state=5,
)
X, y = torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32)
split = np.random.RandomState(seed).permutation(4000)
train, test = split[:3000], split[3000:]
x_train, y_train, x_test, y_test = X[train], y[train], X[test], y[test]

inspector = nn.Sequential(nn.Linear(12, 16), nn.ReLU(), nn.Linear(16, 1), nn.Flatten(0))
optimizer = torch.optim.SGD(inspector.parameters(), lr=0.02)
for epoch in range(12):
    inspector.train()
    for rows in torch.randperm(3000).split(100):
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(inspector(x_train[rows]), y_train[rows])
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
inspector.eval()
with torch.no_grad():
    found = (inspector(x_test) > 0).int()
print(f"RESULT recall={recall_score(y_test.int(), found):.4f}")
