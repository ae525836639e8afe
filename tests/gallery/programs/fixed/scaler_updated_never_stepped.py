import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
from sklearn.datasets import make_moons
from torch.utils.data import DataLoader, TensorDataset

x, y = make_moons(1200, noise=0.15, random_state=SEED)
x, y = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
loader = DataLoader(TensorDataset(x[:1000], y[:1000]), batch_size=40, shuffle=True)
device = "cuda" if torch.cuda.is_available() else "cpu"
model = nn.Sequential(nn.Linear(2, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2)).to(device)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
scaler = torch.amp.GradScaler(device, enabled=device == "cuda")
for epoch in range(8):
    model.train()
    running = 0.0
    for xb, yb in loader:
        xb, yb = xb.to(device), yb.to(device)
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, dtype=torch.bfloat16):
            loss = F.cross_entropy(model(xb), yb)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        running += loss.item()
    print(f"[{epoch + 1}] loss: {running / len(loader):.3f}")
model.eval()
with torch.no_grad():
    acc = (model(x[1000:].to(device)).argmax(1).cpu() == y[1000:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
