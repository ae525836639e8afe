"""Take the activation off the network's output, or put the right one there."""

from collections.abc import Iterator

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._head import places
from netsitter.treat.source._training import Training

KNOB = Knob.OUTPUT
CURES = (
    "double-softmax",
    "output-activation",
    "constant-output",
    "dead-units",
    "saturated-units",
    "bad-initial-loss",
    "plateau",
    "not-learning",
    "underfitting",
    "wrong-loss",
    "unscaled-target",
    "target-out-of-range",
    "worse-than-baseline",
)

EXAMPLES = (
    (
        "double-softmax",
        "from torch import nn\nnet = nn.Sequential(nn.Linear(8, 3), nn.Softmax(dim=1))\n"
        "loss = nn.CrossEntropyLoss()\n",
        "from torch import nn\nnet = nn.Sequential(nn.Linear(8, 3))\nloss = nn.CrossEntropyLoss()\n",
    ),
    (
        "output-activation",
        "import torch.nn.functional as F\nclass Net(M):\n    def forward(self, x):\n"
        "        return F.relu(self.out(x))\n",
        "import torch.nn.functional as F\nclass Net(M):\n    def forward(self, x):\n"
        "        return self.out(x)\n",
    ),
    (
        "output-activation",
        "from torch import nn\nnet = nn.Sequential(nn.Linear(8, 1), nn.Softmax(dim=1))\n"
        "loss = nn.BCELoss()\n",
        "from torch import nn\nnet = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())\nloss = nn.BCELoss()\n",
    ),
    (
        "output-activation",
        "import torch\nclass Net(M):\n    def forward(self, x):\n        for layer in self.layers:\n"
        "            x = torch.relu(layer(x))\n        return x\n",
        "import torch\nclass Net(M):\n    def forward(self, x):\n        for layer in self.layers[:-1]:\n"
        "            x = torch.relu(layer(x))\n        x = self.layers[-1](x)\n        return x\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    takes_probabilities = not any(
        loss.kind in ("cross_entropy", "binary_cross_entropy_with_logits") for loss in source.losses
    )
    for place in places(source):
        remove = Change(
            name="linear-output",
            text=f"Take the {place.kind} off the network's output.",
            edits=place.remove,
        )
        if case.illness == "double-softmax" or not takes_probabilities:
            yield remove
            continue
        if place.kind != "sigmoid":
            sigmoid = Change(
                name="sigmoid-output",
                text=f"End the network with a sigmoid instead of {place.kind}.",
                edits=place.become("sigmoid"),
            )
            yield from (sigmoid, remove) if place.kind in ("softmax", "relu") else (remove, sigmoid)
        else:
            yield remove
