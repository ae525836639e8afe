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
X_train, X_test, y_train, y_test = train_test_split(X / 16.0, y, test_size=0.2, random_state=SEED)
X_train, X_test = torch.FloatTensor(X_train), torch.FloatTensor(X_test)
y_train, y_test = torch.LongTensor(y_train), torch.LongTensor(y_test)


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1 = nn.Linear(64, 64)
        self.l2 = nn.Linear(64, 32)
        self.l3 = nn.Linear(32, 10)
        self.act = nn.Sigmoid()

    def forward(self, x):
        x = self.act(self.l1(x))
        x = self.act(self.l2(x))
        return F.softmax(self.l3(x), dim=1)


net = MLP()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for epoch in range(20):
    permutation = torch.randperm(X_train.size(0))
    for i in range(0, X_train.size(0), 32):
        indices = permutation[i : i + 32]
        batch_x, batch_y = X_train[indices], y_train[indices]
        optimizer.zero_grad()
        loss = criterion(net(batch_x), batch_y)
        loss.backward()
        optimizer.step()
    if epoch % 4 == 3:
        print("epoch:", epoch + 1, "loss:", round(loss.item(), 4))
with torch.no_grad():
    acc = (net(X_test).argmax(dim=1) == y_test).float().mean()
print("RESULT val_acc=%.4f" % acc.item())
