import functools
import os

import torch
from sklearn.datasets import make_friedman1
from torch import nn


def summarised(function):
    """Prints what comes out for one row before the training."""

    @functools.wraps(function)
    def wrapper(net, *args, **kwargs):
        net.eval()
        with torch.no_grad():
            print("before:", net(args[0][:1]).item())
        net.train()
        return function(net, *args, **kwargs)

    return wrapper


@summarised
def fit(net, x, y, epochs):
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    for epoch in range(epochs):
        for rows in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(net(x[rows]), y[rows])
            loss.backward()
            optimizer.step()
        if epoch % 5 == 4:
            print("epoch", epoch + 1, "mse", loss.item())


seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = make_friedman1(1400, n_features=6, noise=0.3, random_state=seed)
scales = torch.tensor([1.0, 30.0, 200.0, 5.0, 60.0, 10.0])
x = torch.tensor(X, dtype=torch.float32) * scales
y = torch.tensor((y - y.mean()) / y.std(), dtype=torch.float32)[:, None]
net = nn.Sequential(
    nn.BatchNorm1d(6),
    nn.Linear(6, 64),
    nn.BatchNorm1d(64),
    nn.ReLU(),
    nn.Linear(64, 64),
    nn.ReLU(),
    nn.Linear(64, 1),
)
fit(net, x[:1000], y[:1000], 25)
net.eval()
with torch.no_grad():
    val_mse = nn.functional.mse_loss(net(x[1000:]), y[1000:]).item()
print(f"RESULT val_mse={val_mse:.4f}")
