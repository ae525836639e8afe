"""Multiply the learning rate where the optimiser gets it."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit, written
from netsitter.treat.source._settings import of_groups, rates_set
from netsitter.treat.source._training import Training

KNOB = Knob.LR
LOWER = (
    "lr-too-high",
    "oscillation",
    "exploding-gradients",
    "non-finite-loss",
    "loss-spike",
    "weight-growth",
    "dead-units",
    "loss-not-averaged",
    "init-too-large",
    "saturated-units",
    "constant-output",
)
HIGHER = (
    "lr-too-low",
    "too-few-epochs",
    "underfitting",
    "lr-vanished",
    "vanishing-gradients",
    "init-too-small",
)
EITHER = (
    "plateau",
    "not-learning",
    "worse-than-baseline",
    "unscaled-inputs",
    "unscaled-target",
    "bad-initial-loss",
)
CURES = (*LOWER, *HIGHER, *EITHER)
DEFAULTS = {
    "Adam": 1e-3,
    "AdamW": 1e-3,
    "NAdam": 2e-3,
    "RAdam": 1e-3,
    "Adamax": 2e-3,
    "RMSprop": 1e-2,
    "SGD": 1e-3,
}
"""Of torch.optim, where a program gives no rate."""

EXAMPLES = (
    (
        "lr-too-high",
        "import torch\nRATE = 0.5\nopt = torch.optim.SGD(net.parameters(), lr=RATE)\n",
        "import torch\nRATE = 0.05\nopt = torch.optim.SGD(net.parameters(), lr=RATE)\n",
    ),
    (
        "lr-too-low",
        "from torch import optim\nopt = optim.Adam(net.parameters(), lr=args.lr)\n",
        "from torch import optim\nopt = optim.Adam(net.parameters(), lr=10 * (args.lr))\n",
    ),
    (
        "lr-too-high",
        "import torch\nopt = torch.optim.SGD([{'params': net.parameters(), 'lr': 3.0}], lr=1.0)\n",
        "import torch\nopt = torch.optim.SGD([{'params': net.parameters(), 'lr': 0.3}], lr=0.1)\n",
    ),
    (
        "lr-too-low",
        "import torch\nmake = partial(torch.optim.Adam, lr=1e-6)\nopt = make(net.parameters())\n",
        "import torch\nmake = partial(torch.optim.Adam, lr=1e-05)\nopt = make(net.parameters())\n",
    ),
    (
        "lr-too-high",
        "for g in opt.param_groups:\n    g['lr'] = 9.0\n",
        "for g in opt.param_groups:\n    g['lr'] = 0.9\n",
    ),
    (
        "lr-too-high",
        "import torch\nclass Fit:\n    def __init__(self, rate):\n"
        "        self.opt = torch.optim.SGD(net.parameters(), rate)\nFit(4.0)\n",
        "import torch\nclass Fit:\n    def __init__(self, rate):\n"
        "        self.opt = torch.optim.SGD(net.parameters(), rate)\nFit(0.4)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    down, up = (0.1, 0.01, 0.3), (10.0, 100.0, 3.0)
    factors = down if case.illness in LOWER else up if case.illness in HIGHER else (10.0, 0.1, 0.01, 100.0)
    for factor in factors:
        edits = [edit for call in source.optimizers for edit in scaled(source, call, factor)]
        edits += [_times(source, value, factor) for value in of_groups(source, "lr")]
        edits += [
            _times(source, node.value, factor)
            for node in rates_set(source)
            if isinstance(node, cst.Assign) and source.figure(node.value) is not None
        ]
        if edits:
            how = (
                f"Multiply the learning rate by {factor:g}"
                if factor > 1
                else f"Divide the learning rate by {1 / factor:.3g}"
            )
            name = "raise-rate" if factor > 1 else "lower-rate"
            yield Change(
                name=name, text=f"{how}{_result(source, factor)}.", edits=tuple(dict.fromkeys(edits))
            )


def scaled(source: Training, call: cst.Call, factor: float) -> list[Edit]:
    """Multiply one optimiser's rate: the number where it is written, else the expression."""
    given = source.argument(call, "lr", 1)
    if given is None:
        default = DEFAULTS.get(source.name(call).rpartition(".")[2])
        return [source.set_argument(call, "lr", written(default * factor))] if default else []
    return [_times(source, given.value, factor)]


def _times(source: Training, value: cst.BaseExpression, factor: float) -> Edit:
    figure = source.figure(value)
    if figure is None:
        return source.replace(value, f"{factor:g} * ({source.code(value)})")
    return source.replace(figure.node, written(figure.value * factor))


def _result(source: Training, factor: float) -> str:
    for call in source.optimizers:
        figure = source.figure(source.argument(call, "lr", 1))
        if figure is not None:
            return f", from {written(figure.value)} to {written(figure.value * factor)}"
    return ""
