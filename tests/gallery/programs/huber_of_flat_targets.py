import os

import numpy as np
import torch
from sklearn.datasets import make_friedman1
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
features, response = make_friedman1(1400, n_features=5, noise=0.5, random_state=SEED)
features = ((features - 0.5) / 0.29).astype(np.float32)
response = ((response - response.mean()) / response.std()).astype(np.float32)
train = TensorDataset(torch.from_numpy(features[:1100]), torch.from_numpy(response[:1100]))
x_val, y_val = torch.from_numpy(features[1100:]), torch.from_numpy(response[1100:])

model = nn.Sequential(nn.Linear(5, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 1))
criterion = nn.HuberLoss(delta=1.0)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
for epoch in range(20):
    model.train()
    losses = []
    for batch in DataLoader(train, batch_size=44, shuffle=True):
        optimizer.zero_grad()
        loss = criterion(model(batch[0]), batch[1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    if epoch % 5 == 4:
        print(f"epoch {epoch + 1} loss {np.mean(losses):.4f}")
model.eval()
with torch.no_grad():
    prediction = model(x_val).flatten()
    r2 = 1 - ((prediction - y_val) ** 2).sum() / ((y_val - y_val.mean()) ** 2).sum()
print(f"RESULT r2={r2.item():.4f}")
