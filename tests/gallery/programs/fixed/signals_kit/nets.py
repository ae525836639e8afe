"""The network."""

from torch import nn


def conv_block(inputs, outputs):
    return nn.Sequential(nn.Conv1d(inputs, outputs, 5, padding=2), nn.ReLU(), nn.AvgPool1d(2))


class WaveNet(nn.Module):
    def __init__(self, kinds=3):
        super().__init__()
        self.features = nn.Sequential(conv_block(1, 8), conv_block(8, 16))
        self.classifier = nn.Linear(16 * 12, kinds)

    def forward(self, waves):
        return self.classifier(self.features(waves).flatten(1))
