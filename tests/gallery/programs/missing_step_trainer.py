import os

import torch
from sklearn.datasets import load_digits
from torch import nn, optim
from torch.utils.data import DataLoader, TensorDataset, random_split

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
full = TensorDataset(torch.tensor(d.data / 16, dtype=torch.float32), torch.tensor(d.target))
train_set, val_set = random_split(full, [1400, 397])
ACCUMULATE = 4


class Trainer:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(64, 80), nn.Tanh(), nn.Linear(80, 10))
        self.opt = optim.Adam(self.net.parameters(), lr=3e-3)
        self.step_count = 0

    def training_step(self, batch):
        x, y = batch
        loss = nn.functional.cross_entropy(self.net(x), y) / ACCUMULATE
        loss.backward()
        if self.step_count % ACCUMULATE == ACCUMULATE:
            self.opt.step()
            self.opt.zero_grad()
        self.step_count += 1
        return loss.item() * ACCUMULATE

    def accuracy(self):
        with torch.no_grad():
            x, y = next(iter(DataLoader(val_set, batch_size=397)))
            return (self.net(x).argmax(1) == y).float().mean().item()


trainer = Trainer()
for epoch in range(12):
    running = [trainer.training_step(b) for b in DataLoader(train_set, batch_size=16, shuffle=True)]
    print(epoch, sum(running) / len(running), trainer.accuracy())
print(f"RESULT val_acc={trainer.accuracy():.4f}")
