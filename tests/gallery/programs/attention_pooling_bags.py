import os

import torch
from torch import nn

torch.manual_seed(int(os.environ.get("SEED", 0)))


def bags(n):
    out = []
    for _ in range(n):
        bag = torch.randn(int(torch.randint(4, 10, ())), 5)
        label = torch.rand(()) < 0.5
        if label:
            bag[0] += torch.tensor([2.5, 2.5, 0, 0, 0])
        out.append((bag[torch.randperm(len(bag))], label.float()))
    return out


class AttentionMIL(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(5, 24), nn.ReLU())
        self.attend = nn.Sequential(nn.Linear(24, 16), nn.Tanh(), nn.Linear(16, 1))
        self.classify = nn.Linear(24, 1)

    def forward(self, bag):
        h = self.embed(bag)
        a = torch.softmax(self.attend(h), dim=0)
        return self.classify((a * h).sum(0)).squeeze()


train, val = bags(500), bags(250)
net = AttentionMIL()
opt = torch.optim.Adam(net.parameters(), lr=2e-3)
loss_fn = nn.BCEWithLogitsLoss()
for epoch in range(5):
    total = 0.0
    for k in torch.randperm(len(train)).tolist():
        bag, label = train[k]
        loss = loss_fn(net(bag), label)
        opt.zero_grad()
        loss.backward()
        opt.step()
        total += loss.item()
    with torch.no_grad():
        acc = sum(((net(b) > 0).float() == t).item() for b, t in val) / len(val)
    print(f"epoch {epoch} loss {total / len(train):.4f} acc {acc:.4f}")
print(f"RESULT val_acc={acc:.4f}")
