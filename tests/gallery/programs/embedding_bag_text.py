import os
import random

import torch
from torch import nn
from torch.utils.data import DataLoader

seed = int(os.environ.get("SEED", 0))
random.seed(seed)
torch.manual_seed(seed)
TOPICS = [range(0, 60), range(40, 100), range(80, 140), range(120, 180)]


def document(topic):
    words = [random.choice(TOPICS[topic]) for _ in range(random.randint(4, 12))]
    words += [random.randrange(180) for _ in range(3)]
    return torch.tensor(words), topic


docs = [document(i % 4) for i in range(2400)]
random.shuffle(docs)


def collate(batch):
    offsets = torch.tensor([0] + [len(w) for w, _ in batch[:-1]]).cumsum(0)
    return torch.cat([w for w, _ in batch]), offsets, torch.tensor([t for _, t in batch])


class TextClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.EmbeddingBag(180, 16)
        self.fc = nn.Linear(16, 4)

    def forward(self, text, offsets):
        return self.fc(self.embedding(text, offsets))


model = TextClassifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=4.0)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4, gamma=0.3)
for epoch in range(10):
    model.train()
    for text, offsets, label in DataLoader(docs[:2000], batch_size=16, shuffle=True, collate_fn=collate):
        optimizer.zero_grad()
        loss = criterion(model(text, offsets), label)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
    scheduler.step()
    model.eval()
    text, offsets, label = collate(docs[2000:])
    with torch.no_grad():
        acc = (model(text, offsets).argmax(1) == label).float().mean().item()
    print(f"| epoch {epoch} | loss {loss.item():.3f} | accuracy {acc:.3f}")
print(f"RESULT val_acc={acc:.4f}")
