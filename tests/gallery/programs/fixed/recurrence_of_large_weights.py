import math
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)

STEPS, HIDDEN = 20, 32


def sequences(count):
    """Is the sum of the sequence positive?"""
    x = torch.randn(count, STEPS, 1)
    return x, (x.sum((1, 2)) > 0).long()


class SignOfSum(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(1, HIDDEN, batch_first=True)
        self.out = nn.Linear(HIDDEN, 2)
        nn.init.normal_(self.rnn.weight_hh_l0, std=0.8 / math.sqrt(HIDDEN))

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.out(states[:, -1])


train_set, (x_val, y_val) = TensorDataset(*sequences(1500)), sequences(500)
model = SignOfSum()
optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
loss_fn = nn.CrossEntropyLoss()
for epoch in range(10):
    for xb, yb in DataLoader(train_set, batch_size=50, shuffle=True):
        optimizer.zero_grad()
        loss = loss_fn(model(xb), yb)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        val_acc = (model(x_val).argmax(1) == y_val).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.3f} val_acc {val_acc:.3f}")
print(f"RESULT val_acc={val_acc:.4f}")
