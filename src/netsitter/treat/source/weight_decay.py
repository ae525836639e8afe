"""Change weight decay, given to the optimiser or written into the loss by hand."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import written
from netsitter.treat.source._settings import of_groups
from netsitter.treat.source._training import Training

KNOB = Knob.REGULARIZATION
CURES = (
    "over-regularised",
    "overfitting",
    "underfitting",
    "plateau",
    "not-learning",
    "weight-growth",
    "constant-output",
    "dead-units",
)
PENALTY = 1e-2
"""A first decay to try against overfitting (Loshchilov and Hutter, 2019, found 1e-2 to 1e-3 for AdamW)."""

EXAMPLES = (
    (
        "over-regularised",
        "import torch\ncfg = dict(decay=0.3)\n"
        "opt = torch.optim.Adam(net.parameters(), weight_decay=cfg['decay'])\n",
        "import torch\ncfg = dict(decay=0.003)\n"
        "opt = torch.optim.Adam(net.parameters(), weight_decay=cfg['decay'])\n",
    ),
    (
        "over-regularised",
        "L2 = 0.2\nfor x, y in data:\n    penalty = sum(p.pow(2).sum() for p in net.parameters())\n"
        "    loss = f(net(x), y) + L2 * penalty\n    loss.backward()\n",
        "L2 = 0.002\nfor x, y in data:\n    penalty = sum(p.pow(2).sum() for p in net.parameters())\n"
        "    loss = f(net(x), y) + L2 * penalty\n    loss.backward()\n",
    ),
    (
        "over-regularised",
        "class C:\n    ridge = 0.5\n"
        "def penalty(net):\n    return sum(p.pow(2).sum() for p in net.parameters())\n"
        "loss = f(net(x), y) + C.ridge * penalty(net)\n",
        "class C:\n    ridge = 0.005\n"
        "def penalty(net):\n    return sum(p.pow(2).sum() for p in net.parameters())\n"
        "loss = f(net(x), y) + C.ridge * penalty(net)\n",
    ),
    (
        "over-regularised",
        "import torch\nKINDS = {'sgd': torch.optim.SGD}\ndef make(kind, **options):\n"
        "    return KINDS[kind](net.parameters(), **options)\nopt = make('sgd', weight_decay=0.3)\n",
        "import torch\nKINDS = {'sgd': torch.optim.SGD}\ndef make(kind, **options):\n"
        "    return KINDS[kind](net.parameters(), **options)\nopt = make('sgd', weight_decay=0.003)\n",
    ),
    (
        "over-regularised",
        "import torch\ncfg = Namespace(decay=0.3)\ndef groups(net, decay):\n"
        "    return [{'params': net.parameters(), 'weight_decay': decay}]\n"
        "opt = torch.optim.SGD(groups(net, cfg.decay), lr=0.1)\n",
        "import torch\ncfg = Namespace(decay=0.003)\ndef groups(net, decay):\n"
        "    return [{'params': net.parameters(), 'weight_decay': decay}]\n"
        "opt = torch.optim.SGD(groups(net, cfg.decay), lr=0.1)\n",
    ),
    (
        "overfitting",
        "import torch\nopt = torch.optim.Adam(net.parameters())\n",
        "import torch\nopt = torch.optim.Adam(net.parameters(), weight_decay=0.01)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    if case.illness in ("overfitting", "weight-growth"):
        yield from _more(source)
        return
    for call in source.optimizers:
        given = source.argument(call, "weight_decay")
        if given is not None:
            yield from _less(source, given.value, ())
    for value in of_groups(source, "weight_decay"):
        yield from _less(source, value, ())
    for factor in _penalties(source):
        yield from _less(source, factor, ("loss",))


def _less(source: Training, value: cst.BaseExpression, distorts: tuple[str, ...]) -> Iterator[Change]:
    figure = source.figure(value)
    if figure is not None and figure.value:
        new = written(figure.value / 100)
        divided = f"Divide the weight decay by 100, from {figure.value:g} to {new}."
        for text, to in ((divided, new), ("Take the weight decay away.", "0.0")):
            edits = (source.replace(figure.node, to),)
            yield Change(name="less-decay", text=text, edits=edits, distorts=distorts)


def _more(source: Training) -> Iterator[Change]:
    for decay in (PENALTY, PENALTY / 10, PENALTY * 5):
        edits = []
        for call in source.optimizers:
            given = source.argument(call, "weight_decay")
            figure = source.figure(given)
            if given is None:
                edits.append(source.set_argument(call, "weight_decay", written(decay)))
            elif figure is not None and figure.value < decay:
                edits.append(source.replace(figure.node, written(decay)))
        yield Change(name="more-decay", text=f"Set weight_decay to {written(decay)}.", edits=tuple(edits))


def _penalties(source: Training) -> Iterator[Any]:
    """Factors of sums over ``parameters()``: ``LAMBDA`` in ``LAMBDA * penalty``."""
    over = [
        c
        for c in source.methods("parameters", "named_parameters")
        if any(True for _ in source.around(c, (cst.CompFor, cst.For)))
    ]
    names = {
        name
        for name, pairs in source.assignments.items()
        for _, value in pairs
        if any(source.is_inside(c, value) for c in over)
    }
    names |= {
        source.code(a.target)
        for a in source.all(cst.AugAssign)
        if any(source.is_inside(a, loop) for c in over for loop in source.around(c, cst.For))
    }
    homes = [source.function(c) for c in over]
    sums = {
        f.name.value for f in homes if f is not None and f not in source.forwards and not _trains(source, f)
    }
    for product in source.all(cst.BinaryOperation):
        if isinstance(product.operator, cst.Multiply):
            for one, other in ((product.left, product.right), (product.right, product.left)):
                is_penalty = source.code(one) in names or any(source.is_inside(c, one) for c in over)
                is_called = isinstance(one, cst.Call) and source.called(one) in sums
                if (is_penalty or is_called) and source.literal(other) is not None:
                    yield other


def _trains(source: Training, function: cst.FunctionDef) -> bool:
    return any(source.is_inside(backward, function) for backward in source.backwards)
