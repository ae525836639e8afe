import os

import torch
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = load_digits(return_X_y=True)
X, y = torch.tensor(X / 16, dtype=torch.float32), torch.tensor(y)
scale = [1.0, 1.0, 1.0]
W1 = (torch.randn(64, 128) * scale[0]).requires_grad_()
W2 = (torch.randn(128, 128) * scale[1]).requires_grad_()
W3 = (torch.randn(128, 10) * scale[2]).requires_grad_()
b1, b2, b3 = (torch.zeros(n, requires_grad=True) for n in (128, 128, 10))


def forward(x):
    h = torch.clamp(x @ W1 + b1, min=0)
    h = torch.clamp(h @ W2 + b2, min=0)
    return h @ W3 + b3


opt = torch.optim.Adam([W1, b1, W2, b2, W3, b3], lr=1e-3)
for epoch in range(10):
    for i in torch.randperm(1400).split(50):
        loss = torch.nn.functional.cross_entropy(forward(X[i]), y[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
with torch.no_grad():
    val = torch.nn.functional.cross_entropy(forward(X[1400:]), y[1400:]).item()
print(f"RESULT val_loss={val:.4f}")
