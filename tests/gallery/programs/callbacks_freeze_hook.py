"""A loop with callbacks."""

import os

import torch
from torch import nn


class Callback:
    def before_step(self, loop): ...
    def after_step(self, loop): ...
    def after_epoch(self, loop): ...


class ClearGradients(Callback):
    def before_step(self, loop):
        loop.optimizer.zero_grad()


class Report(Callback):
    def after_epoch(self, loop):
        print("epoch", loop.epoch, "loss", loop.loss)


class Loop:
    def __init__(self, model, optimizer, loss_fn, callbacks):
        self.model, self.optimizer, self.loss_fn, self.callbacks = model, optimizer, loss_fn, callbacks

    def call(self, moment):
        for callback in self.callbacks:
            getattr(callback, moment)(self)

    def run(self, x, y, epochs):
        for self.epoch in range(epochs):
            for rows in torch.randperm(len(x)).split(40):
                self.call("before_step")
                loss = self.loss_fn(self.model(x[rows]), y[rows])
                loss.backward()
                self.optimizer.step()
                self.loss = loss.item()
                self.call("after_step")
            self.call("after_epoch")


torch.manual_seed(int(os.environ.get("SEED", 0)))
x = torch.rand(1500, 3) * 2 - 1
y = (torch.sin(3 * x[:, 0]) + x[:, 1] * x[:, 2]).unsqueeze(1)
model = nn.Sequential(nn.Linear(3, 40), nn.Tanh(), nn.Linear(40, 1))
loop = Loop(model, torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9), nn.MSELoss(), [Report()])
loop.run(x[:1200], y[:1200], 30)
with torch.no_grad():
    r2 = 1 - ((model(x[1200:]) - y[1200:]) ** 2).mean() / y[1200:].var()
print(f"RESULT r2={r2.item():.4f}")
