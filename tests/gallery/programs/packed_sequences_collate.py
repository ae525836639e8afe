import os

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset, TensorDataset

np.random.seed(int(os.environ.get("SEED", 0)))
torch.manual_seed(int(os.environ.get("SEED", 0)))

from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence


class Ragged(Dataset):
    def __init__(self, n, seed):
        r = np.random.RandomState(seed)
        self.items = []
        for _ in range(n):
            s = r.randint(1, 10, r.randint(3, 15))
            self.items.append((torch.tensor(s), int(s.mean() > 5)))

    def __len__(self):
        return len(self.items)

    def __getitem__(self, k):
        return self.items[k]


def collate(items):
    xs, ys = zip(*items)
    return pad_sequence(xs, batch_first=True), torch.tensor([len(x) for x in xs]), torch.tensor(ys)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.r, self.o = (
            nn.Embedding(10, 12, padding_idx=0),
            nn.LSTM(12, 24, batch_first=True),
            nn.Linear(24, 2),
        )

    def forward(self, x, n):
        packed = pack_padded_sequence(self.e(x), n, batch_first=True, enforce_sorted=False)
        return self.o(self.r(packed)[1][0][-1])


net, criterion = Net(), nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
train, test = (
    DataLoader(Ragged(800, 1), 40, shuffle=True, collate_fn=collate),
    DataLoader(Ragged(200, 2), 50, collate_fn=collate),
)
for epoch in range(8):
    net.train()
    for x, n, y in train:
        opt.zero_grad()
        loss = criterion(net(x, n), y)
        loss.backward()
        opt.step()
    net.eval()
    right = 0
    with torch.no_grad():
        for x, n, y in test:
            right += (net(x, n).argmax(1) == y).sum().item()
    print(epoch, loss.item(), right / 200)
print(f"RESULT val_acc={right / 200:.4f}")
