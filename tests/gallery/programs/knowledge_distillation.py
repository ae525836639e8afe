import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from torch import nn

seed = int(os.environ.get("SEED", 0))
torch.manual_seed(seed)
X, y = load_digits(return_X_y=True)
Xtr, Xte, ytr, yte = train_test_split(X, y, test_size=0.25, random_state=seed, stratify=y)
scaler = StandardScaler().fit(Xtr)
Xtr, Xte = (torch.tensor(scaler.transform(a), dtype=torch.float32) for a in (Xtr, Xte))
ytr, yte = torch.tensor(ytr), torch.tensor(yte)


def accuracy(m):
    m.eval()
    with torch.no_grad():
        return (m(Xte).argmax(1) == yte).float().mean().item()


teacher = nn.Sequential(
    nn.Linear(64, 256),
    nn.ReLU(),
    nn.Dropout(0.3),
    nn.Linear(256, 256),
    nn.ReLU(),
    nn.Dropout(0.3),
    nn.Linear(256, 10),
)
student = nn.Sequential(nn.Linear(64, 24), nn.ReLU(), nn.Linear(24, 10))

opt = torch.optim.Adam(teacher.parameters(), lr=1e-3)
for epoch in range(8):
    teacher.train()
    for i in torch.randperm(len(Xtr)).split(64):
        loss = F.cross_entropy(teacher(Xtr[i]), ytr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("teacher", epoch, loss.item(), accuracy(teacher))

T = 3.0
opt = torch.optim.Adam(student.parameters(), lr=3e-3)
for epoch in range(14):
    student.train()
    for i in torch.randperm(len(Xtr)).split(64):
        with torch.no_grad():
            soft = F.softmax(teacher(Xtr[i]) / T, dim=1)
        out = student(Xtr[i])
        distil = F.kl_div(F.log_softmax(out / T, dim=1), soft, reduction="batchmean") * T * T
        loss = 0.7 * distil + 0.3 * F.cross_entropy(out, ytr[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    print("student", epoch, loss.item(), accuracy(student))
print(f"RESULT val_acc={accuracy(student):.4f}")
