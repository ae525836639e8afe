import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True)
X_tr, X_va, y_tr, y_va = train_test_split(X, y, test_size=0.3, random_state=1, stratify=y)

scaler = None


class Trainer:
    def __init__(self, net, lr):
        self.net, self.loss_fn = net, nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(net.parameters(), lr=lr, momentum=0.9)

    def prepare(self, a):
        return torch.tensor(a if scaler is None else scaler.transform(a), dtype=torch.float32)

    def epoch(self, a, b, size=32):
        self.net.train()
        for i in torch.randperm(len(a)).split(size):
            self.optimizer.zero_grad()
            self.loss_fn(self.net(a[i]), b[i]).backward()
            self.optimizer.step()

    @torch.no_grad()
    def score(self, a, b):
        self.net.eval()
        return (self.net(a).argmax(1) == b).float().mean().item()


trainer = Trainer(
    nn.Sequential(nn.Linear(30, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU(), nn.Linear(16, 2)), lr=0.02
)
a, b = trainer.prepare(X_tr), torch.tensor(y_tr)
va, vb = trainer.prepare(X_va), torch.tensor(y_va)
for epoch in range(25):
    trainer.epoch(a, b)
    print("epoch", epoch, "val acc", trainer.score(va, vb))
print(f"RESULT val_acc={trainer.score(va, vb):.4f}")
