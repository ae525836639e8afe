import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)
GOOD, BAD = ["Fine", "Superb", "Lovely", "Bright"], ["Poor", "Dull", "Awful", "Flat"]
PLAIN = [f"Word{i}" for i in range(40)]


def review(label):
    words = list(np.random.choice(PLAIN, 7)) + list(np.random.choice((BAD, GOOD)[label], 2))
    np.random.shuffle(words)
    return words


labels = np.random.randint(0, 2, 800)
reviews = [review(l) for l in labels]
vocabulary = {word.lower(): i + 1 for i, word in enumerate(GOOD + BAD + PLAIN)}
ids = torch.tensor([[vocabulary.get(word, 0) for word in r] for r in reviews])
y = torch.tensor(labels)


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.EmbeddingBag(len(vocabulary) + 1, 16)
        self.fc = nn.Linear(16, 2)

    def forward(self, ids):
        return self.fc(self.embed(ids))


net = Classifier()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(12):
    for rows in torch.randperm(600).split(20):
        opt.zero_grad()
        loss = F.cross_entropy(net(ids[rows]), y[rows])
        loss.backward()
        opt.step()
    print(epoch, loss.item())
with torch.no_grad():
    acc = (net(ids[600:]).argmax(1) == y[600:]).float().mean().item()
print(f"RESULT acc={acc:.4f}")
