"""One output for each class, cross-entropy, and the class with the largest output as the prediction."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._feeds import model_names
from netsitter.treat.source._head import places
from netsitter.treat.source._reading import Edit, number
from netsitter.treat.source._training import Training
from netsitter.treat.source.loss_choice import ERRORS, use

KNOB = Knob.OUTPUT
CURES = ("wrong-output-size", "wrong-loss", "target-out-of-range", "output-activation")
TO_SHAPE = {"squeeze", "flatten", "view", "reshape", "unsqueeze", "float"}
TO_ONE = {"mean", "sum", "max", "argmax", "softmax", "sigmoid", *TO_SHAPE}
TO_MANY = {"double", "to", "type", "type_as", "expand", "expand_as", "repeat", *TO_SHAPE}
TO_CLASS = {"round", "long", "int", "clamp", "sigmoid", "clip", *TO_SHAPE}

EXAMPLES = (
    (
        "wrong-output-size",
        "from torch import nn\nK = 3\nnet = nn.Sequential(nn.Linear(9, 1), nn.Sigmoid())\n"
        "f = nn.MSELoss()\nfor x, y in data:\n"
        "    loss = f(net(x).squeeze(1), y.float())\n    loss.backward()\n"
        "guess = net(x).squeeze(1).round().long()\n",
        "from torch import nn\nK = 3\nnet = nn.Sequential(nn.Linear(9, 3))\nf = nn.CrossEntropyLoss()\n"
        "for x, y in data:\n"
        "    loss = f(net(x), y.long())\n    loss.backward()\nguess = net(x).argmax(1)\n",
    ),
    (
        "wrong-loss",
        "from torch import nn\nnet = nn.Linear(9, 3)\nf = nn.MSELoss()\n"
        "loss = f(net(x).mean(1), y.float().unsqueeze(1).expand(9, 3))\nloss.backward()\n",
        "from torch import nn\nnet = nn.Linear(9, 3)\nf = nn.CrossEntropyLoss()\n"
        "loss = f(net(x), y.long())\nloss.backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    classes = _classes(case)
    if case.illness == "wrong-output-size":
        yield from _one_more(source, case)
    if classes is None or classes < 3:
        return
    linears = [c for c in source.calls("torch.nn.Linear") if len(c.args) >= 2]
    heads = [
        c
        for c in linears
        if (one := source.literal(c.args[1].value)) is not None and number(source.code(one)) == 1
    ]
    if not heads:
        if case.illness in ("wrong-loss", "wrong-output-size"):
            yield from _on_labels(source)
        return
    last = source.literal(heads[-1].args[1].value)
    edits: list[Edit] = [source.replace(last, str(classes))]
    for place in places(source):
        if place.kind in ("sigmoid", "softmax", "relu"):
            edits += place.remove
    for loss in source.losses:
        edits += use(source, loss, "cross_entropy")
        for call in loss.uses:
            for arg, ending in ((call.args[0], ""), (call.args[1], ".long()")):
                bare = _peel(source, arg.value, TO_SHAPE)
                edits.append(source.replace(arg.value, source.code(bare) + ending))
    edits += _predictions(source)
    text = f"Give each of the {classes} classes an output of its own, and use cross-entropy."
    yield Change(name="match-outputs", text=text, edits=tuple(edits), distorts=("loss", "error"))


def _one_more(source: Training, case: Case) -> Iterator[Change]:
    """Outputs for all classes but the largest that was asked for."""
    outputs, largest = case.evidence.get("outputs"), case.evidence.get("largest_class")
    if not isinstance(outputs, int | float) or not isinstance(largest, int | float) or largest < outputs:
        return
    heads = [
        figure
        for call in source.calls("torch.nn.Linear")
        if len(call.args) >= 2 and (figure := source.figure(call.args[1])) and figure.value == outputs
    ]
    if heads:
        text = f"Give the last layer {largest + 1:g} outputs, one for each class."
        edits = (source.replace(heads[-1].node, f"{largest + 1:g}"),)
        yield Change(name="match-outputs", text=text, edits=edits)


def _on_labels(source: Training) -> Iterator[Change]:
    """A network with an output a class, trained on amounts: the outputs as they are, against the labels."""
    edits: list[Edit] = []
    for loss in source.losses:
        if loss.kind not in ERRORS:
            continue
        edits += use(source, loss, "cross_entropy")
        for call in loss.uses:
            outputs, labels = (arg.value for arg in call.args[:2])
            bare = _peel(source, outputs, TO_ONE, with_columns=True)
            edits.append(source.replace(outputs, source.code(bare)))
            edits.append(
                source.replace(
                    labels, f"{source.code(_peel(source, labels, TO_MANY, with_columns=True))}.long()"
                )
            )
    if not edits:
        return
    text = "Use cross-entropy between all outputs and the class numbers."
    heads = [place for place in places(source) if place.kind in ("sigmoid", "softmax", "relu")]
    for more in ((), *((place,) for place in heads)):
        without = f" Leave out the network's {more[0].kind}." if more else ""
        yield Change(
            name="swap-loss",
            text=text + without,
            edits=(*edits, *(edit for place in more for edit in place.remove)),
            distorts=("loss", "error"),
        )


def _classes(case: Case) -> int | None:
    for known in (case.evidence.get("classes"), case.facts.get("distinct_targets")):
        if isinstance(known, int | float) and 3 <= known <= 1000:
            largest = case.evidence.get("largest_class")
            return int(max(known, (largest + 1) if isinstance(largest, int | float) else 0))
    return None


def _peel(source: Training, value: Any, methods: set[str], *, with_columns: bool = False) -> Any:
    """What a chain of methods and functions starts from: ``net(x)`` of ``net(x).squeeze(1).round()``.

    ``with_columns``: and of ``net(x)[:, 0]``.
    """
    while True:
        if (
            isinstance(value, cst.Call)
            and isinstance(value.func, cst.Attribute)
            and value.func.attr.value in methods
        ):
            is_function = source.name(value).startswith("torch")
            value = value.args[0].value if is_function and value.args else value.func.value
        elif (
            isinstance(value, cst.Comparison)
            and "round" in methods
            and number(source.code(value.comparisons[0].comparator)) is not None
        ):
            value = value.left
        elif isinstance(value, cst.Subscript) and (
            source.code(value.slice[0]) == ":" or (with_columns and len(value.slice) > 1)
        ):
            value = value.value
        else:
            return value


def _predictions(source: Training) -> Iterator[Edit]:
    """Whole chains that round or compare an output: the largest output instead."""
    models = model_names(source)
    outputs = {
        n
        for n, pairs in source.assignments.items()
        for _, v in pairs
        if isinstance(v, cst.Call) and source.code(v.func) in models
    }
    done: list[cst.CSTNode] = []
    for node in source.all(cst.BaseExpression):  # type: ignore[type-abstract]
        if any(source.is_inside(node, one) for one in done):
            continue
        bare = _peel(source, node, TO_CLASS)
        said = source.code(node)
        is_output = source.code(bare) in outputs or (
            isinstance(bare, cst.Call) and source.code(bare.func) in models
        )
        if bare is not node and is_output and (".round(" in said or "round(" in said or ">" in said):
            done.append(node)
            yield source.replace(node, f"{source.code(bare)}.argmax(1)")
