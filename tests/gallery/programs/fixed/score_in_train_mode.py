"""A classifier in the style of an estimator: fit, predict, score."""

import os

import numpy as np
import torch
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from torch import nn


class NeuralClassifier:
    def __init__(self, hidden=48, dropout=0.3, lr=5e-3, epochs=30, batch_size=16):
        self.hidden, self.dropout, self.lr = hidden, dropout, lr
        self.epochs, self.batch_size = epochs, batch_size

    def _build(self, columns, classes):
        return nn.Sequential(
            nn.Linear(columns, self.hidden),
            nn.BatchNorm1d(self.hidden),
            nn.ReLU(),
            nn.Dropout(self.dropout),
            nn.Linear(self.hidden, self.hidden),
            nn.ReLU(),
            nn.Dropout(self.dropout),
            nn.Linear(self.hidden, classes),
        )

    def fit(self, x, y):
        self.mean_, self.std_ = x.mean(0), x.std(0)
        x, y = self._tensor(x), torch.as_tensor(y)
        self.net_ = self._build(x.shape[1], int(y.max()) + 1)
        optimizer = torch.optim.AdamW(self.net_.parameters(), lr=self.lr)
        loss_fn = nn.CrossEntropyLoss()
        self.net_.train()
        for epoch in range(self.epochs):
            for rows in torch.randperm(len(x) // self.batch_size * self.batch_size).split(self.batch_size):
                optimizer.zero_grad()
                loss = loss_fn(self.net_(x[rows]), y[rows])
                loss.backward()
                optimizer.step()
            if epoch % 10 == 0:
                print("epoch", epoch, "loss", loss.item())
        return self

    def predict(self, x):
        self.net_.eval()
        with torch.no_grad():
            parts = [self.net_(part).argmax(1) for part in self._tensor(x).split(4)]
        return torch.cat(parts).numpy()

    def score(self, x, y):
        return float(np.mean(self.predict(x) == y))

    def _tensor(self, x):
        return torch.tensor((x - self.mean_) / self.std_, dtype=torch.float32)


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
x, y = load_wine(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.4, random_state=seed, stratify=y)
classifier = NeuralClassifier().fit(x_train, y_train)
print(f"RESULT val_acc={classifier.score(x_test, y_test):.4f}")
