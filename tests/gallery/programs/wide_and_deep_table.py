import os

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
rng = np.random.default_rng(seed)
n = 3000
frame = pd.DataFrame(
    {
        "city": rng.integers(0, 30, n),
        "job": rng.integers(0, 8, n),
        "age": rng.normal(40, 10, n),
        "hours": rng.normal(38, 8, n),
    }
)
city_effect, job_effect = rng.normal(size=30), rng.normal(size=8)
logit = (
    1.5 * city_effect[frame.city]
    + job_effect[frame.job]
    + 0.08 * (frame.age - 40)
    + 0.05 * (frame.hours - 38)
)
frame["rich"] = rng.random(n) < 1 / (1 + np.exp(-2 * logit))
numeric = torch.tensor(
    ((frame[["age", "hours"]] - frame[["age", "hours"]].mean()) / frame[["age", "hours"]].std()).to_numpy(),
    dtype=torch.float32,
)
city, job = torch.tensor(frame.city.to_numpy()), torch.tensor(frame.job.to_numpy())
y = torch.tensor(frame.rich.to_numpy()).float()


class WideDeep(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Embedding(240, 1)
        nn.init.zeros_(self.wide.weight)
        self.city, self.job = nn.Embedding(30, 6), nn.Embedding(8, 4)
        self.deep = nn.Sequential(nn.Linear(12, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, city, job, numeric):
        deep = self.deep(torch.cat([self.city(city), self.job(job), numeric], 1))
        return (deep + self.wide(city * 8 + job)).squeeze(1)


net = WideDeep()
opts = [
    torch.optim.Adagrad(net.wide.parameters(), lr=0.02),
    torch.optim.Adam([*net.city.parameters(), *net.job.parameters(), *net.deep.parameters()], lr=3e-3),
]
for epoch in range(8):
    for i in torch.randperm(2400).split(60):
        for o in opts:
            o.zero_grad()
        loss = nn.functional.binary_cross_entropy_with_logits(net(city[i], job[i], numeric[i]), y[i])
        loss.backward()
        for o in opts:
            o.step()
    with torch.no_grad():
        auc = roc_auc_score(y[2400:].numpy(), net(city[2400:], job[2400:], numeric[2400:]).numpy())
    print(epoch, loss.item(), auc)
print(f"RESULT val_auc={auc:.4f}")
