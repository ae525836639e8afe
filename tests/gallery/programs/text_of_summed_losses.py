import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


WORDS, LENGTH, CLASSES = 80, 15, 4
topics = np.random.RandomState(9).dirichlet(np.ones(WORDS) * 0.15, CLASSES)
labels = np.random.randint(0, CLASSES, 1600)
texts = np.stack([np.random.choice(WORDS, LENGTH, p=topics[k]) for k in labels])
texts, labels = torch.tensor(texts), torch.tensor(labels)


class TextClassifier(nn.Module):
    def __init__(self, p=0.95):
        super().__init__()
        self.embed = nn.EmbeddingBag(WORDS, 24)
        self.hidden = nn.Linear(24, 32)
        self.drop = nn.Dropout(p)
        self.out = nn.Linear(32, CLASSES)

    def forward(self, tokens):
        return self.out(self.drop(torch.relu(self.hidden(self.embed(tokens)))))


model = TextClassifier()
criterion = nn.CrossEntropyLoss(reduction="sum")
optimizer = torch.optim.SGD(model.parameters(), lr=0.3, momentum=0.9)
for epoch in range(15):
    model.train()
    for rows in torch.randperm(1200).split(40):
        optimizer.zero_grad()
        loss = criterion(model(texts[rows]), labels[rows])
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        val_acc = (model(texts[1200:]).argmax(1) == labels[1200:]).float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val_acc {val_acc:.4f}")
print(f"RESULT val_acc={val_acc:.4f}")
