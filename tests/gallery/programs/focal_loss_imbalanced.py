import os

import torch
import torch.nn.functional as F
from sklearn.datasets import make_classification
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
X, y = make_classification(
    4000, 15, n_informative=6, weights=[0.94], class_sep=1.4, flip_y=0.005, random_state=11
)
X = (X - X.mean(0)) / X.std(0)
Xt, Xv, yt, yv = (
    torch.tensor(a, dtype=torch.float32)
    for a in train_test_split(X, y, stratify=y, test_size=0.25, random_state=0)
)


def focal(logits, target, gamma=2.0, alpha=0.75):
    ce = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    p = torch.sigmoid(logits)
    pt = p * target + (1 - p) * (1 - target)
    weight = alpha * target + (1 - alpha) * (1 - target)
    return (weight * (1 - pt) ** gamma * ce).mean()


class Detector(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.out = nn.Linear(15, 32), nn.Linear(32, 32), nn.Linear(32, 1)
        nn.init.constant_(self.out.bias, -2.0)

    def forward(self, x):
        return self.out(F.relu(self.fc2(F.relu(self.fc1(x))))).squeeze(1)


model = Detector()
opt = torch.optim.Adam(model.parameters(), lr=2e-3)
for epoch in range(14):
    for i in torch.randperm(len(Xt)).split(64):
        loss = focal(model(Xt[i]), yt[i])
        opt.zero_grad()
        loss.backward()
        opt.step()
    with torch.no_grad():
        score = f1_score(yv.numpy(), (model(Xv) > 0).numpy())
    print(epoch, loss.item(), score)
print(f"RESULT f1={score:.4f}")
