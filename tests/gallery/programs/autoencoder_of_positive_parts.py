import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


from sklearn.datasets import load_wine
from torch.utils.data import DataLoader

data = load_wine().data
data = torch.tensor((data - data.mean(0)) / data.std(0), dtype=torch.float32)
data = data[torch.randperm(len(data))]
train, val = data[:140], data[140:]

encoder = nn.Sequential(nn.Linear(13, 32), nn.ReLU(), nn.Linear(32, 8))
decoder = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 13), nn.ReLU())
autoencoder = nn.Sequential(encoder, decoder)
optimizer = torch.optim.Adam(autoencoder.parameters(), lr=0.003)
for epoch in range(100):
    for batch in DataLoader(train, batch_size=14, shuffle=True):
        reconstruction = autoencoder(batch)
        loss = F.mse_loss(reconstruction, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 25 == 24:
        with torch.no_grad():
            print(
                f"epoch {epoch + 1} train {loss.item():.4f} val {F.mse_loss(autoencoder(val), val).item():.4f}"
            )
with torch.no_grad():
    val_mse = F.mse_loss(autoencoder(val), val).item()
print(f"RESULT val_mse={val_mse:.4f}")
