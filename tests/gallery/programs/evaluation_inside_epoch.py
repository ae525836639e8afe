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

X_train, X_test = X_train * 40 + 100, X_test * 40 + 100


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm0, self.a, self.norm, self.b = (
            nn.BatchNorm1d(64),
            nn.Linear(64, 64),
            nn.BatchNorm1d(64),
            nn.Linear(64, 10),
        )

    def forward(self, x):
        return self.b(F.relu(self.norm(self.a(self.norm0(x)))))


def evaluate(net):
    net.eval()
    with torch.no_grad():
        out = net(X_test)
    return F.cross_entropy(out, y_test).item(), (out.argmax(1) == y_test).float().mean().item()


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
print("before training", evaluate(net))
for epoch in range(8):
    for i in torch.randperm(len(X_train)).split(32):
        opt.zero_grad()
        loss = F.cross_entropy(net(X_train[i]), y_train[i])
        loss.backward()
        opt.step()
    val_loss, acc = evaluate(net)
    print(epoch, loss.item(), val_loss, acc)
print(f"RESULT val_acc={acc:.4f}")
