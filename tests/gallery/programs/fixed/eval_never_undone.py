import os

import torch
from sklearn.datasets import make_classification
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_classification(
    1600, 20, n_informative=12, n_redundant=2, class_sep=1.2, flip_y=0.0, random_state=5
)
X = torch.tensor(X * 60 + 200, dtype=torch.float32)
y = torch.tensor(y)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.BatchNorm1d(20),
            nn.Linear(20, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Dropout(0.2),
            nn.Linear(64, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Linear(64, 2),
        )

    def forward(self, x):
        return self.layers(x)


def evaluate(model):
    model.eval()
    with torch.no_grad():
        return (model(X[1300:]).argmax(1) == y[1300:]).float().mean().item()


model = Classifier()
opt = torch.optim.SGD(model.parameters(), lr=0.02, momentum=0.9)
acc = evaluate(model)
print("at start", acc)
for epoch in range(15):
    model.train()
    for i in torch.randperm(1300).split(50):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(model(X[i]), y[i])
        loss.backward()
        opt.step()
    acc = evaluate(model)
    print(epoch, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
