import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
perm = torch.randperm(1797)
tr, va = perm[:1400], perm[1400:]


class Learner:
    max_norm = 0.002

    def __init__(self, model):
        self.model = model
        self.opt = torch.optim.SGD(model.parameters(), lr=0.1)

    def update(self, x, y):
        loss = nn.functional.cross_entropy(self.model(x), y)
        self.opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.max_norm)
        self.opt.step()
        return loss.item()


learner = Learner(nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)))
for epoch in range(20):
    losses = [learner.update(X[i], y[i]) for i in tr[torch.randperm(1400)].split(50)]
    with torch.no_grad():
        acc = (learner.model(X[va]).argmax(1) == y[va]).float().mean().item()
    print(epoch, sum(losses) / len(losses), acc)
print(f"RESULT val_acc={acc:.4f}")
