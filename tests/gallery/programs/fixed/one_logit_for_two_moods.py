import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)


VOCABULARY, LENGTH = 60, 12
weights = np.random.RandomState(4).randn(VOCABULARY)
tokens = np.random.randint(0, VOCABULARY, (1600, LENGTH))
mood = (weights[tokens].sum(1) > 0).astype("int64")
tokens, mood = torch.tensor(tokens), torch.tensor(mood)


class Sentiment(nn.Module):
    def __init__(self, dim=16):
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, dim)
        self.classifier = nn.Linear(dim, 1)

    def forward(self, tokens):
        return self.classifier(self.embedding(tokens).mean(dim=1))


model = Sentiment()
loss_fn = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for epoch in range(15):
    for i in torch.randperm(1200).split(40):
        logits = model(tokens[i])
        loss = loss_fn(logits, mood[i].float().unsqueeze(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    if epoch % 5 == 4:
        print("epoch", epoch + 1, "loss", loss.item())
with torch.no_grad():
    guess = (model(tokens[1200:]).squeeze(1) > 0).long()
print(f"RESULT val_acc={(guess == mood[1200:]).float().mean().item():.4f}")
