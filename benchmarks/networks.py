"""The four networks whose step is timed: builders of a model and of a batch for it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

CLASSES = 10


class LastState(nn.Module):
    """Two LSTM layers, 64 units; the last state is classified."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(16, 64, num_layers=2, batch_first=True)
        self.head = nn.Linear(64, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x)[0][:, -1])


class Encoder(nn.Module):
    """Two transformer layers, 64 wide, 4 heads, over 32 tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(100, 64)
        layer = nn.TransformerEncoderLayer(64, 4, 128, dropout=0.1, batch_first=True, norm_first=True)
        self.layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(64, CLASSES)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.head(self.layers(self.embed(tokens)).mean(1))


def mlp() -> nn.Module:
    return nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, CLASSES)
    )


def cnn() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 49, CLASSES),
    )


@dataclass(frozen=True, kw_only=True)
class Network:
    build: Callable[[], nn.Module]
    inputs: Callable[[], Tensor]


NETWORKS = {
    "MLP 784-512-512-10, batch 128": Network(build=mlp, inputs=lambda: torch.randn(128, 784)),
    "CNN 2 layers, batch 32": Network(build=cnn, inputs=lambda: torch.randn(32, 1, 28, 28)),
    "LSTM 2x64, batch 32": Network(build=LastState, inputs=lambda: torch.randn(32, 32, 16)),
    "transformer 2x64, batch 16": Network(build=Encoder, inputs=lambda: torch.randint(0, 100, (16, 32))),
}
