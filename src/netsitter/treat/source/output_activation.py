"""Take the activation off the network's output, or put the right one there."""

from collections.abc import Iterator

import libcst as cst

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

BUILT = ("double-softmax", "output-activation", "dead-units", "constant-output", "target-out-of-range")

EXAMPLES = (
    (
        "double-softmax",
        "from torch import nn\nfor kind in kinds:\n"
        "    layers.append(nn.Softmax(1) if kind == 'softmax' else nn.Linear(2, 2))\n",
        "from torch import nn\nfor kind in kinds:\n"
        "    layers.append(nn.Identity() if kind == 'softmax' else nn.Linear(2, 2))\n",
    ),
    (
        "output-activation",
        "from torch import nn\nfor a, b in sizes:\n    layers += [nn.Linear(a, b), nn.ReLU()]\n"
        "net = nn.Sequential(*layers)\n",
        "from torch import nn\nfor a, b in sizes:\n    layers += [nn.Linear(a, b), nn.ReLU()]\n"
        "net = nn.Sequential(*layers[:-1])\n",
    ),
    (
        "output-activation",
        "from torch import nn\ndef make(last):\n    return nn.Sequential(nn.Linear(8, 1), last.value())\n",
        "from torch import nn\ndef make(last):\n    return nn.Sequential(nn.Linear(8, 1))\n",
    ),
    (
        "output-activation",
        "class Net(M):\n    def forward(self, x):\n        return self.out(x).clamp(0, 1) * 5\n",
        "class Net(M):\n    def forward(self, x):\n        return self.out(x) * 5\n",
    ),
    (
        "output-activation",
        "from torch import nn\nn = nn.Sequential(OrderedDict([('a', nn.Linear(9, 1)), ('b', nn.Tanh())]))\n",
        "from torch import nn\nn = nn.Sequential(OrderedDict([('a', nn.Linear(9, 1))]))\n",
    ),
    (
        "double-softmax",
        "import torch.nn.functional as F\ndef p(s):\n    e = s.exp()\n    return e / e.sum(1)\n"
        "def out(x):\n    return p(net(x))\nF.cross_entropy(out(x), y)\n",
        "import torch.nn.functional as F\ndef p(s):\n    e = s.exp()\n    return e / e.sum(1)\n"
        "def out(x):\n    return net(x)\nF.cross_entropy(out(x), y)\n",
    ),
    (
        "double-softmax",
        "import torch.nn.functional as F\nclass Net(M):\n    def predict(self, x):\n"
        "        return self(x).softmax(-1)\nout = net.predict(x)\nF.cross_entropy(out, y)\n",
        "import torch.nn.functional as F\nclass Net(M):\n    def predict(self, x):\n"
        "        return self(x)\nout = net.predict(x)\nF.cross_entropy(out, y)\n",
    ),
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
    if case.illness in BUILT:
        yield from _built(source)


def _built(source: Training) -> Iterator[Change]:
    """Of a network that is built from a list: its softmax wherever it is made, or the last module."""
    made = source.calls("torch.nn.Softmax", "torch.nn.modules.activation.Softmax")
    identity = source.spell("torch.nn.Identity")
    if made:
        edits = tuple(source.replace(call, f"{identity}()") for call in made)
        yield Change(name="linear-output", text="Leave the network's softmax out.", edits=edits)
    for sequential in source.sequentials:
        yield from _called(source, sequential)
        parts = [arg for arg in sequential.args if arg.star == "*"]
        if len(parts) == 1 and parts[0] is sequential.args[-1] and isinstance(parts[0].value, cst.Name):
            name = source.code(parts[0].value)
            yield Change(
                name="linear-output",
                text="Take the last module off the network: its output is to be linear.",
                edits=(source.replace(parts[0].value, f"{name}[:-1]"),),
            )


def _called(source: Training, sequential: cst.Call) -> Iterator[Change]:
    """``Sequential(Linear(…), last())``: what a variable makes behind the last layer is not known."""
    layers = source.layers(sequential)
    if len(layers) < 2 or source.layer_name(layers[-2].value) != "Linear":
        return
    last = layers[-1].value
    if isinstance(last, cst.Call) and not last.args and not source.name(last).startswith("torch."):
        yield Change(
            name="linear-output",
            text=f"Leave {source.code(last)} off the network's output: it is to be linear.",
            edits=(source.drop(layers, layers[-1]),),
        )
