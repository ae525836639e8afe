"""A tagger of positions in short sequences."""

import os

import torch
import torch.nn.functional as F
from torch import nn


class Tagger(nn.Module):
    def __init__(self, symbols=12, tags=4, size=16):
        super().__init__()
        self.embed = nn.Embedding(symbols, size)
        self.cell = nn.GRU(size, 24, batch_first=True)
        self.score = nn.Linear(24, tags)

    def scores(self, words):
        states, _ = self.cell(self.embed(words))
        return self.score(states[:, -1])

    def forward(self, words):
        return F.log_softmax(self.scores(words), dim=1)


def sentences(n, length=7):
    words = torch.randint(0, 12, (n, length))
    return words, (words[:, -1] + 2 * (words[:, -3] > 5).long()) % 4


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    words, tags = sentences(2000)
    val_words, val_tags = sentences(400)
    model = Tagger()
    optimizer = torch.optim.Adam(model.parameters(), lr=8e-3)
    for epoch in range(12):
        for rows in torch.randperm(len(words)).split(50):
            optimizer.zero_grad()
            loss = F.nll_loss(model(words[rows]), tags[rows])
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            nll = F.nll_loss(model(val_words), val_tags).item()
        print(f"epoch {epoch}: loss {loss.item():.4f} val nll {nll:.4f}")
    print(f"RESULT val_nll={nll:.4f}")


main()
