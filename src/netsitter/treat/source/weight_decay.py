"""Change weight decay, given to the optimiser or written into the loss by hand."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import number, written
from netsitter.treat.source._training import Training

KNOB = Knob.REGULARIZATION
CURES = ("over-regularised", "overfitting", "underfitting", "plateau", "not-learning", "weight-growth", "constant-output", "dead-units")
PENALTY = 1e-2
"""A first decay to try against overfitting (Loshchilov and Hutter, 2019, found 1e-2 to 1e-3 for AdamW)."""

EXAMPLES = (
    (
        "over-regularised",
        "import torch\ncfg = dict(decay=0.3)\nopt = torch.optim.Adam(net.parameters(), weight_decay=cfg['decay'])\n",
        "import torch\ncfg = dict(decay=0.003)\nopt = torch.optim.Adam(net.parameters(), weight_decay=cfg['decay'])\n",
    ),
    (
        "over-regularised",
        "L2 = 0.2\nfor x, y in data:\n    penalty = sum(p.pow(2).sum() for p in net.parameters())\n"
        "    loss = f(net(x), y) + L2 * penalty\n    loss.backward()\n",
        "L2 = 0.002\nfor x, y in data:\n    penalty = sum(p.pow(2).sum() for p in net.parameters())\n"
        "    loss = f(net(x), y) + L2 * penalty\n    loss.backward()\n",
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
            yield from _less(source, given.value, ("loss",) if False else ())
    for factor in _penalties(source):
        yield from _less(source, factor, ("loss",))


def _less(source: Training, value: cst.BaseExpression, distorts: tuple[str, ...]) -> Iterator[Change]:
    literal = source.literal(value)
    old = number(source.code(literal)) if literal is not None else None
    if old:
        new = written(old / 100)
        text = f"Divide the weight decay by 100, from {old:g} to {new}."
        yield Change(name="less-decay", text=text, edits=(source.replace(literal, new),), distorts=distorts)
        yield Change(name="less-decay", text="Take the weight decay away.", edits=(source.replace(literal, "0.0"),), distorts=distorts)


def _more(source: Training) -> Iterator[Change]:
    for decay in (PENALTY, PENALTY / 10, PENALTY * 5):
        edits = []
        for call in source.optimizers:
            given = source.argument(call, "weight_decay")
            literal = source.literal(given.value) if given is not None else None
            if given is None:
                edits.append(source.set_argument(call, "weight_decay", written(decay)))
            elif literal is not None and (number(source.code(literal)) or 0) < decay:
                edits.append(source.replace(literal, written(decay)))
        yield Change(name="more-decay", text=f"Set weight_decay to {written(decay)}.", edits=tuple(edits))


def _penalties(source: Training) -> Iterator[Any]:
    """Factors of sums over ``parameters()``: ``LAMBDA`` in ``LAMBDA * penalty``."""
    over = [c for c in source.methods("parameters", "named_parameters") if any(True for _ in source.around(c, cst.CompFor | cst.For))]  # type: ignore[arg-type]
    names = {name for name, pairs in source._assignments.items() for _, value in pairs if any(source.is_inside(c, value) for c in over)}
    names |= {source.code(a.target) for a in source.all(cst.AugAssign) if any(source.is_inside(a, loop) for c in over for loop in source.around(c, cst.For))}
    for product in source.all(cst.BinaryOperation):
        if isinstance(product.operator, cst.Multiply):
            for one, other in ((product.left, product.right), (product.right, product.left)):
                is_penalty = source.code(one) in names or any(source.is_inside(c, one) for c in over)
                if is_penalty and source.literal(other) is not None:
                    yield other
