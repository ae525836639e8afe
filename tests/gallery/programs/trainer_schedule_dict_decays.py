"""A trainer that takes a scheduler's class and options."""

import os

import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.optim import lr_scheduler


class Trainer:
    def __init__(self, model, optimizer, scheduler_class, scheduler_options):
        self.model = model
        self.optimizer = optimizer
        self.scheduler = scheduler_class(optimizer, **scheduler_options)

    def batch(self, x, y):
        loss = nn.functional.cross_entropy(self.model(x), y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.scheduler.step()
        return loss.item()

    def epoch(self, x, y, size):
        total = sum(self.batch(x[rows], y[rows]) for rows in torch.randperm(len(x)).split(size))
        return total * size / len(x)


torch.manual_seed(int(os.environ.get("SEED", 0)))
x, y = load_digits(return_X_y=True)
x, y = torch.tensor(x / 16, dtype=torch.float32), torch.tensor(y)
order = torch.randperm(len(x))
x, y = x[order], y[order]
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
trainer = Trainer(
    model,
    torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9),
    lr_scheduler.ExponentialLR,
    {"gamma": 0.9},
)
for epoch in range(15):
    loss = trainer.epoch(x[:1400], y[:1400], 50)
    print(f"epoch {epoch:02d}  loss {loss:.4f}  lr {trainer.optimizer.param_groups[0]['lr']:.2e}")
with torch.no_grad():
    accuracy = (model(x[1400:]).argmax(1) == y[1400:]).float().mean().item()
print(f"RESULT val_acc={accuracy:.4f}")
