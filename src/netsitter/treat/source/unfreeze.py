"""Let parameters learn that were switched off."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.WIRING
CURES = (
    "frozen-params",
    "params-not-in-optimizer",
    "stale-optimizer",
    "detached-graph",
    "not-learning",
    "underfitting",
    "too-few-epochs",
    "plateau",
)
EXAMPLES = (
    (
        "frozen-params",
        "from torch import nn\nw = nn.Parameter(draw(3), requires_grad=False)\n",
        "from torch import nn\nw = nn.Parameter(draw(3))\n",
    ),
    (
        "frozen-params",
        "for name, p in net.named_parameters():\n    if 'bn' not in name:\n        p.requires_grad = False\n",
        "for name, p in net.named_parameters():\n    if 'bn' not in name:\n        p.requires_grad = True\n",
    ),
    ("frozen-params", "net.body.requires_grad_(False)\n", "net.body.requires_grad_(True)\n"),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    edits = list(_thawed(source))
    if edits:
        text = "Let these parameters learn: requires_grad = True."
        yield Change(name="unfreeze", text=text, edits=tuple(edits))
        wider = list(_whole(source))
        if wider:
            yield Change(
                name="unfreeze",
                text=text[:-1] + ", and give the optimiser all of them.",
                edits=tuple(edits + wider),
            )


def _thawed(source: Training) -> Iterator[Edit]:
    for name, pairs in source.assignments.items():
        if name.endswith(".requires_grad"):
            for _, value in pairs:
                if source.code(value) != "True":
                    yield source.replace(value, "True")
    for call in source.calls("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
        given = source.argument(call, "requires_grad", 1)
        if given is not None and source.code(given.value) == "False":
            yield source.drop(list(call.args), given)
    for call in source.methods("requires_grad_"):
        given: Any = call.args[0].value if call.args else None
        if given is not None and source.code(given) != "True":
            yield source.replace(given, "True")


def _whole(source: Training) -> Iterator[Edit]:
    for call in source.optimizers:
        for inner in source.inside(call.args[0].value, cst.Call) if call.args else ():
            receiver = source.receiver(inner)
            if receiver and "parameters" in source.code(inner.func) and "." in receiver:
                root = ".".join(receiver.split(".")[: 2 if receiver.startswith("self.") else 1])
                if root != receiver:
                    yield source.replace(call.args[0].value, f"{root}.parameters()")
                    break
