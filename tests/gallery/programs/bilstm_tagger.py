import os

import torch
import torch.nn as nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

torch.manual_seed(int(os.environ.get("SEED", 0)))
VOCAB, PAD = 20, -100


def sentence():
    """A word's tag depends on its neighbours: 1 when it lies between a smaller and a larger word."""
    words = torch.randint(1, VOCAB, (int(torch.randint(5, 14, ())),))
    left = torch.cat([words[:1], words[:-1]])
    right = torch.cat([words[1:], words[-1:]])
    return words, ((left <= words) & (words <= right)).long()


corpus = [sentence() for _ in range(1400)]
train, val = corpus[:1200], corpus[1200:]


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, 16, padding_idx=0)
        self.lstm = nn.LSTM(16, 32, bidirectional=True, batch_first=True)
        self.out = nn.Linear(64, 2)

    def forward(self, words, lengths):
        packed = pack_padded_sequence(self.embed(words), lengths, batch_first=True, enforce_sorted=False)
        states, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.out(states)


def collate(pairs):
    words = pad_sequence([w for w, _ in pairs], batch_first=True)
    tags = pad_sequence([t for _, t in pairs], batch_first=True, padding_value=PAD)
    return words, tags, torch.tensor([len(w) for w, _ in pairs])


model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
criterion = nn.CrossEntropyLoss(ignore_index=PAD)
loader = torch.utils.data.DataLoader(train, batch_size=40, shuffle=True, collate_fn=collate)
for epoch in range(9):
    model.train()
    for words, tags, lengths in loader:
        optimizer.zero_grad()
        loss = criterion(model(words, lengths).transpose(1, 2), tags)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        words, tags, lengths = collate(val)
        guess = model(words, lengths).argmax(-1)
        known = tags != PAD
        acc = (guess == tags)[known].float().mean().item()
    print(f"epoch {epoch} loss {loss.item():.4f} val_acc {acc:.4f}")
print(f"RESULT val_acc={acc:.4f}")
