import os

import pandas as pd
import torch
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
g = torch.Generator().manual_seed(seed)
frame = pd.DataFrame(torch.randn(1500, 5, generator=g).numpy(), columns=list("abcde"))
frame["price"] = 2 * frame.a - frame.b * frame.c + 0.5 * frame.d**2 + 0.2 * frame.e
frame["price"] = (frame.price - frame.price.mean()) / frame.price.std()
x = torch.tensor(frame[list("abcde")].to_numpy())
y = torch.tensor(frame["price"].to_numpy()).float()

net = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 1))
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(25):
    for i in torch.randperm(1200).split(48):
        pred = net(x[i]).squeeze(1)
        loss = ((pred - y[i]) ** 2).mean()
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch % 5 == 0:
        print(f"epoch {epoch} mse {loss.item():.4f}")
with torch.no_grad():
    r2 = 1 - ((net(x[1200:])[:, 0] - y[1200:]) ** 2).mean() / y[1200:].var()
print(f"RESULT r2={r2:.4f}")
