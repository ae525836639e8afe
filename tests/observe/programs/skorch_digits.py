"""skorch: NeuralNetClassifier in a scikit-learn pipeline. `sick`: zeros for initial weights."""

import sys

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from skorch import NeuralNetClassifier
from skorch.callbacks import EpochScoring, GradientNormClipping
from torch import nn


class Net(nn.Module):
    def __init__(self, hidden=64):
        super().__init__()
        self.hidden = nn.Linear(64, hidden)
        self.out = nn.Linear(hidden, 10)
        if "sick" in sys.argv:
            for parameter in self.parameters():
                nn.init.zeros_(parameter)

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))


torch.manual_seed(0)
np.random.seed(0)
x, y = load_digits(return_X_y=True)
x = x.astype(np.float32)
net = NeuralNetClassifier(
    Net,
    criterion=nn.CrossEntropyLoss,
    max_epochs=10,
    lr=0.1,
    batch_size=64,
    iterator_train__shuffle=True,
    callbacks=[EpochScoring("accuracy", on_train=True), GradientNormClipping(5.0)],
    verbose=0,
)
pipeline = make_pipeline(StandardScaler(), net)
pipeline.fit(x[:1500], y[:1500].astype(np.int64))
print([row["valid_acc"] for row in net.history], repr(pipeline.score(x[1500:], y[1500:])))
