import os

import numpy as np
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)


def cohort(count):
    x = rng.normal(size=(count, 20)).astype("float32")
    y = ((x[:, 0] + rng.normal(size=count) * 2.0) > 0).astype("int64")
    return x, y


def jitter(x, y, copies=4):
    noise = rng.normal(size=(copies * len(x), x.shape[1])).astype("float32") * 0.05
    return np.concatenate([x] * copies) + noise, np.concatenate([y] * copies)


def accuracy(net, x, y):
    with torch.no_grad():
        return (net(torch.from_numpy(x)).argmax(1).numpy() == y).mean()


x, y = cohort(300)
x, y = jitter(x, y)
order = rng.permutation(len(x))
x, y = x[order], y[order]
held = len(x) // 4
x_val, y_val = x[:held], y[:held]
x_train, y_train = x[held:], y[held:]
net = nn.Sequential(nn.Linear(20, 96), nn.ReLU(), nn.Linear(96, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
xt, yt = torch.from_numpy(x_train), torch.from_numpy(y_train)
for epoch in range(30):
    for rows in torch.randperm(len(xt)).split(32):
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(net(xt[rows]), yt[rows])
        loss.backward()
        optimizer.step()
    if epoch % 10 == 9:
        print(f"epoch {epoch + 1} loss {loss.item():.4f} val_acc {accuracy(net, x_val, y_val):.4f}")
claimed, real = accuracy(net, x_val, y_val), accuracy(net, *cohort(1000))
print(f"RESULT gap={claimed - real:.4f}")
