import os

import torch
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
data = load_digits()
X = torch.tensor(data.data, dtype=torch.float32).sub(4.9).div(6.0)
y = torch.tensor(data.target)
order = torch.randperm(1797)
train, val = order[:1400], order[1400:]
model = nn.Sequential(nn.Linear(64, 128), nn.LayerNorm(128), nn.GELU(), nn.Linear(128, 10))
optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3)
scheduler = torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=4)
scaler = torch.amp.GradScaler("cpu", enabled=False)
for epoch in range(12):
    model.train()
    batches = train[torch.randperm(1400)].split(56)
    for k, i in enumerate(batches):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = nn.functional.cross_entropy(model(X[i]), y[i])
        optimizer.zero_grad()
        scaler.scale(loss).backward()
        scaler.unscale_(optimizer)
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        scaler.step(optimizer)
        scaler.update()
        scheduler.step(epoch + k / len(batches))
    model.eval()
    with torch.no_grad():
        acc = (model(X[val]).argmax(1) == y[val]).float().mean().item()
    print(epoch, round(loss.item(), 4), round(acc, 4))
print(f"RESULT val_acc={acc:.4f}")
