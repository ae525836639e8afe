import copy
import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
d = load_digits()
X, y = torch.tensor(d.data / 16, dtype=torch.float32), torch.tensor(d.target)
p = torch.randperm(1797)
X, y = X[p], y[p]
labelled, unlabelled, test = slice(0, 150), slice(150, 1400), slice(1400, None)
student = nn.Sequential(nn.Linear(64, 96), nn.ReLU(), nn.Dropout(0.2), nn.Linear(96, 10))
teacher = copy.deepcopy(student)
for q in teacher.parameters():
    q.requires_grad_(False)
opt = torch.optim.Adam(student.parameters(), lr=2e-3)
for step in range(500):
    student.train()
    i, u = torch.randint(0, 150, (32,)), torch.randint(150, 1400, (64,))
    supervised = F.cross_entropy(student(X[i]), y[i])
    with torch.no_grad():
        target = teacher(X[u] + 0.05 * torch.randn(64, 64)).softmax(1)
    consistency = F.mse_loss(student(X[u] + 0.05 * torch.randn(64, 64)).softmax(1), target)
    loss = supervised + 10 * min(1.0, step / 200) * consistency
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for t, s in zip(teacher.parameters(), student.parameters()):
            t.mul_(0.97).add_(s, alpha=0.03)
    if step % 100 == 99:
        teacher.eval()
        with torch.no_grad():
            acc = (teacher(X[test]).argmax(1) == y[test]).float().mean().item()
        teacher.train()
        print(step, loss.item(), acc)
print(f"RESULT val_acc={acc:.4f}")
