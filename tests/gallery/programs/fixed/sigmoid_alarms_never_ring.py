import os

import torch
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(
    4000,
    10,
    n_informative=5,
    n_redundant=0,
    n_clusters_per_class=1,
    weights=[0.975],
    class_sep=0.8,
    flip_y=0.0,
    random_state=11,
)
X, y = torch.tensor(X).float(), torch.tensor(y).float()
mixed = torch.randperm(4000)
X, y = X[mixed], y[mixed]
loader = DataLoader(TensorDataset(X[:3000], y[:3000]), batch_size=64, shuffle=True)
net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for epoch in range(10):
    for xb, yb in loader:
        optimizer.zero_grad()
        p = net(xb).squeeze(1)
        loss = nn.functional.binary_cross_entropy(p, yb, weight=1 + 39 * yb)
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch + 1} loss {loss.item():.4f}")
with torch.no_grad():
    alarm = (net(X[3000:]).squeeze(1) > 0.5).float()
print(f"RESULT balanced_acc={balanced_accuracy_score(y[3000:], alarm):.4f}")
