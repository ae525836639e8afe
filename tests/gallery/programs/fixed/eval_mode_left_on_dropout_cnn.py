import os

import torch
from sklearn.datasets import make_classification
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(500, 40, n_informative=6, flip_y=0.2, class_sep=0.8, random_state=6)
X, y = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32), torch.tensor(y)
net = nn.Sequential(
    nn.Linear(40, 200),
    nn.ReLU(),
    nn.Dropout(0.7),
    nn.Linear(200, 200),
    nn.ReLU(),
    nn.Dropout(0.7),
    nn.Linear(200, 2),
)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)


def validate():
    net.eval()
    with torch.no_grad():
        return nn.functional.cross_entropy(net(X[300:]), y[300:]).item()


print("before", validate())
for epoch in range(14):
    net.train()
    for i in torch.randperm(300).split(20):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(X[i]), y[i])
        loss.backward()
        opt.step()
    val = validate()
    print(epoch, loss.item(), val)
print(f"RESULT val_loss={val:.4f}")
