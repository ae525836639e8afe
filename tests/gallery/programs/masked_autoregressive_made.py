import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X = (torch.tensor(load_digits().data) > 7).float()[torch.randperm(1797)]


class MaskedLinear(nn.Linear):
    def __init__(self, mask):
        super().__init__(mask.shape[1], mask.shape[0])
        self.register_buffer("mask", mask.float())

    def forward(self, x):
        return F.linear(x, self.weight * self.mask, self.bias)


order, hidden = torch.arange(64), torch.arange(256) % 63
made = nn.Sequential(
    MaskedLinear(hidden[:, None] >= order[None]), nn.ReLU(), MaskedLinear(order[:, None] > hidden[None])
)
opt = torch.optim.Adam(made.parameters(), lr=3e-3)


def nll(x):
    return F.binary_cross_entropy_with_logits(made(x), x, reduction="none").sum(1).mean()


for epoch in range(14):
    for i in torch.randperm(1500).split(50):
        loss = nll(X[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        val = nll(X[1500:]).item()
    print(epoch, loss.item(), val)
print(f"RESULT val_nll={val:.4f}")
