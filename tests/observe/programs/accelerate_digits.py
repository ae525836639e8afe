"""accelerate: prepare, accumulate, clip_grad_norm_, gather_for_metrics. `sick`: a softmax too many."""

import sys

import torch
import torch.nn.functional as F
from accelerate import Accelerator
from accelerate.utils import set_seed
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

set_seed(1)
accelerator = Accelerator(cpu=True, gradient_accumulation_steps=2)
x, y = load_digits(return_X_y=True)
data = TensorDataset(torch.tensor(x / 16 - 0.3, dtype=torch.float32), torch.tensor(y))
train, val = torch.utils.data.random_split(data, [1400, 397], torch.Generator().manual_seed(0))
tail = [nn.Softmax(dim=1)] if "sick" in sys.argv else []
model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10), *tail)
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1e-2, total_steps=10 * 22)
model, optimizer, loader, val_loader, schedule = accelerator.prepare(
    model, optimizer, DataLoader(train, 32, shuffle=True), DataLoader(val, 128), schedule
)
for epoch in range(10):
    model.train()
    for rows, labels in loader:
        with accelerator.accumulate(model):
            loss = F.cross_entropy(model(rows), labels)
            accelerator.backward(loss)
            if accelerator.sync_gradients:
                accelerator.clip_grad_norm_(model.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    model.eval()
    right = 0
    for rows, labels in val_loader:
        with torch.no_grad():
            guesses = model(rows).argmax(1)
        guesses, labels = accelerator.gather_for_metrics((guesses, labels))
        right += int((guesses == labels).sum())
    accelerator.print(epoch, right, repr(loss.item()))
