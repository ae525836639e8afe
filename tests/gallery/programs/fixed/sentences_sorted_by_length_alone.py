import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
good, bad = list(range(2, 12)), list(range(12, 22))
sentences, labels = [], []
for _ in range(900):
    label = np.random.randint(2)
    length = np.random.randint(4, 15)
    sentences.append(
        [
            int(np.random.choice((bad, good)[label])) if np.random.rand() < 0.4 else np.random.randint(22, 60)
            for _ in range(length)
        ]
    )
    labels.append(label)
held = list(range(700, 900))
train = list(range(700))
train = sorted(train, key=lambda i: len(sentences[i]))
texts = [sentences[i] for i in train]
answers = [labels[i] for i in train]


def pad(batch):
    width = max(map(len, batch))
    return torch.tensor([s + [0] * (width - len(s)) for s in batch])


class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(60, 16, padding_idx=0)
        self.fc = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, ids):
        mask = (ids > 0).float().unsqueeze(2)
        return self.fc((self.embed(ids) * mask).sum(1) / mask.sum(1))


model = Bag()
opt = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(15):
    starts = np.random.permutation(len(texts) // 20) * 20
    for s in starts:
        loss = F.cross_entropy(model(pad(texts[s : s + 20])), torch.tensor(answers[s : s + 20]))
        opt.zero_grad()
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (
        (model(pad([sentences[i] for i in held])).argmax(1) == torch.tensor([labels[i] for i in held]))
        .float()
        .mean()
        .item()
    )
print(f"RESULT acc={acc:.4f}")
