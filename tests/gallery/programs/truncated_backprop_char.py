import os

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SEED = int(os.environ.get("SEED", 0))
torch.manual_seed(SEED)
np.random.seed(SEED)

text = "the cat sat on the mat and the dog sat on the log while the frog hid in the bog. " * 40
chars = sorted(set(text))
ids = torch.tensor([chars.index(c) for c in text])
rows = ids[: len(ids) // 8 * 8].view(8, -1)


class CharRNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.e, self.l, self.o = (
            nn.Embedding(len(chars), 16),
            nn.LSTM(16, 48, batch_first=True),
            nn.Linear(48, len(chars)),
        )

    def forward(self, x, s):
        y, s = self.l(self.e(x), s)
        return self.o(y), s


net = CharRNN()
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
for epoch in range(8):
    s = None
    for k in range(0, rows.shape[1] - 21, 20):
        x, t = rows[:, k : k + 20], rows[:, k + 1 : k + 21]
        logits, s = net(x, s)
        s = tuple(v.detach() for v in s)
        loss = F.cross_entropy(logits.transpose(1, 2), t)
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 0.5)
        opt.step()
    print(epoch, loss.item())
print(f"RESULT val_loss={loss.item():.4f}")
