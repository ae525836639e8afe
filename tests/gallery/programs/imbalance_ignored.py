import os

import torch
from sklearn.datasets import make_classification
from sklearn.metrics import balanced_accuracy_score
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(
    4000, 20, n_informative=4, n_redundant=0, weights=[0.97], flip_y=0.0, class_sep=0.8, random_state=21
)
X = torch.tensor((X - X.mean(0)) / X.std(0), dtype=torch.float32)
y = torch.tensor(y)
net = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 2))
weight = None
criterion = nn.CrossEntropyLoss(weight=weight)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(10):
    net.train()
    for i in torch.randperm(3000).split(50):
        loss = criterion(net(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        out = net(X[3000:])
        guess = out.argmax(1)
    print(
        epoch,
        loss.item(),
        criterion(out, y[3000:]).item(),
        "accuracy",
        (guess == y[3000:]).float().mean().item(),
    )
print(f"RESULT balanced_acc={balanced_accuracy_score(y[3000:].numpy(), guess.numpy()):.4f}")
