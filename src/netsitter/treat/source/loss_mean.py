"""Average the loss over the rows instead of summing it."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.LOSS
CURES = ("loss-not-averaged", "lr-too-high", "exploding-gradients")

EXAMPLES = (
    (
        "loss-not-averaged",
        "import torch\ndef all_of(p, t):\n    return torch.einsum('i,i->', p - t, p - t)\nfor x, y in data:\n"
        "    loss = all_of(net(x), y)\n    loss.backward()\n",
        "import torch\ndef all_of(p, t):\n    return torch.einsum('i,i->', p - t, p - t)\nfor x, y in data:\n"
        "    loss = all_of(net(x), y) / len(y)\n    loss.backward()\n",
    ),
    (
        "loss-not-averaged",
        "from torch import nn\nf = nn.CrossEntropyLoss(reduction='sum')\n",
        "from torch import nn\nf = nn.CrossEntropyLoss(reduction='mean')\n",
    ),
    (
        "loss-not-averaged",
        "loss = -p[range(9), y].sum()\nloss.backward()\n",
        "loss = -p[range(9), y].mean()\nloss.backward()\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    text = "Average the loss over the rows instead of summing it."
    edits = []
    for loss in source.losses:
        given = source.argument(loss.maker, "reduction")
        if (
            given is not None
            and source.code(given.value).strip("'\"") == "sum"
            and any(not source.is_evaluation(u) for u in loss.uses or (loss.maker,))
        ):
            quote = source.code(given.value)[0]
            edits.append(source.replace(given.value, f"{quote}mean{quote}"))
    if edits:
        yield Change(name="average-loss", text=text, edits=tuple(edits), distorts=("loss",))
    for backward in source.backwards:
        value = source.loss_value(backward)
        for sums in [value, *source.returned_by(value)] if value is not None else []:
            calls = [
                c
                for c in source.inside(sums, cst.Call)
                if isinstance(c.func, cst.Attribute)
                and c.func.attr.value == "sum"
                and not _has_axis(source, c)
            ]
            for call in calls:
                assert isinstance(call.func, cst.Attribute)
                yield Change(
                    name="average-loss",
                    text=text,
                    edits=(source.replace(call.func.attr, "mean"),),
                    distorts=("loss",),
                )
        yield from _divided(source, backward)


def _divided(source: Training, backward: cst.Call) -> Iterator[Change]:
    """A sum in a place that is not certain: what is summed is divided by the rows of the target."""
    value = source.loss_value(backward)
    if isinstance(value, cst.Call) and len(value.args) >= 2 and not source.name(value).startswith("torch."):
        target = source.code(value.args[1].value)
        yield Change(
            name="average-loss",
            text="Divide the loss by the number of rows.",
            edits=(source.replace(value, f"{source.code(value)} / len({target})"),),
            distorts=("training-loss",),
        )


def _has_axis(source: Training, call: cst.Call) -> bool:
    return bool(call.args) and not source.name(call).startswith("torch.")
