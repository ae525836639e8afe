"""Which of two symbols comes first? A transformer encoder over short sequences."""

import argparse
import os

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--dropout", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=8)
parser.add_argument("--lr", type=float, default=1e-3)
args = parser.parse_args()
torch.manual_seed(int(os.environ.get("SEED", 0)))

tokens = torch.randint(0, 5, (2000, 21))
labels = ((tokens == 1).int().argmax(1) < (tokens == 2).int().argmax(1)).long()
train = DataLoader(TensorDataset(tokens[:1600], labels[:1600]), batch_size=40, shuffle=True)
val = DataLoader(TensorDataset(tokens[1600:], labels[1600:]), batch_size=200)


class Classifier(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.embed = nn.Embedding(5, width)
        self.place = nn.Parameter(0.1 * torch.randn(21, width))
        layer = nn.TransformerEncoderLayer(width, 4, 64, dropout=args.dropout, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2)
        self.out = nn.Linear(width, 2)

    def forward(self, x):
        return self.out(self.encoder(self.embed(x) + self.place).mean(1))


model = Classifier()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
for epoch in range(args.epochs):
    model.train()
    for x, y in train:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        right = sum((model(x).argmax(1) == y).sum().item() for x, y in val)
    print(epoch, loss.item(), right / 400)
print(f"RESULT val_acc={right / 400:.4f}")
