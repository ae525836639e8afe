import os

import torch
import torch.nn as nn
from sklearn.datasets import load_digits

torch.manual_seed(int(os.environ.get("SEED", 0)))


class DigitNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3, padding=1)
        self.fc1 = nn.Linear(16 * 16, 64)
        self.fc2 = nn.Linear(64, 10)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.conv(x)), 2)
        x = torch.relu(self.fc1(x.flatten(1)))
        return self.fc2(x)


class Trainer:
    def __init__(self, model, data):
        self.model = model
        self.x, self.y, self.xv, self.yv = data
        self.loss = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def train_epoch(self):
        self.model.train()
        for idx in torch.randperm(len(self.x)).split(32):
            self.optimizer.zero_grad()
            loss = self.loss(self.model(self.x[idx]), self.y[idx])
            loss.backward()
            self.optimizer.step()

    def validate(self):
        self.model.eval()
        with torch.no_grad():
            out = self.model(self.xv)
            return self.loss(out, self.yv).item(), (out.argmax(1) == self.yv).float().mean().item()


digits = load_digits()
images = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
labels = torch.tensor(digits.target)
perm = torch.randperm(len(images))
tr, va = perm[:1400], perm[1400:]
trainer = Trainer(DigitNet(), (images[tr], labels[tr], images[va], labels[va]))
for epoch in range(10):
    trainer.train_epoch()
    loss, acc = trainer.validate()
    print(f"epoch {epoch}: val loss {loss:.4f} acc {acc:.4f}")
print(f"RESULT val_loss={loss:.4f}")
