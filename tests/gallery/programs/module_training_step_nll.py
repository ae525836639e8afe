"""A module that knows how to train itself, and a loop that calls its hooks."""

import os

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch import nn
from torch.utils.data import DataLoader, TensorDataset, random_split


class DigitModule(nn.Module):
    def __init__(self, channels=8, learning_rate=3e-3):
        super().__init__()
        self.learning_rate = learning_rate
        self.encoder = nn.Sequential(
            nn.Conv2d(1, channels, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()
        )
        self.head = nn.Linear(channels * 16, 10)

    def forward(self, images):
        return self.head(self.encoder(images))

    def training_step(self, batch, index):
        images, labels = batch
        return F.nll_loss(self(images), labels)

    def validation_step(self, batch, index):
        images, labels = batch
        return (self(images).argmax(1) == labels).float().sum()

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.learning_rate)


class Loop:
    def __init__(self, max_epochs):
        self.max_epochs = max_epochs

    def fit(self, module, train_loader, val_loader):
        optimizer = module.configure_optimizers()
        for epoch in range(self.max_epochs):
            module.train()
            for index, batch in enumerate(train_loader):
                loss = module.training_step(batch, index)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            print(f"epoch={epoch} loss={loss.item():.4f} val_acc={self.validate(module, val_loader):.4f}")

    def validate(self, module, loader):
        module.eval()
        with torch.no_grad():
            right = sum(module.validation_step(batch, index) for index, batch in enumerate(loader))
        return (right / len(loader.dataset)).item()


def main():
    torch.manual_seed(int(os.environ.get("SEED", 0)))
    pixels, labels = load_digits(return_X_y=True)
    images = torch.tensor(pixels, dtype=torch.float32).view(-1, 1, 8, 8) / 8 - 1
    train, val = random_split(TensorDataset(images, torch.tensor(labels)), [1397, 400])
    module, loop = DigitModule(), Loop(max_epochs=5)
    val_loader = DataLoader(val, batch_size=200)
    loop.fit(module, DataLoader(train, batch_size=32, shuffle=True), val_loader)
    print(f"RESULT val_acc={loop.validate(module, val_loader):.4f}")


if __name__ == "__main__":
    main()
