"""Put batch normalisation between a layer and its activation."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._head import activation
from netsitter.treat.source._reading import Edit
from netsitter.treat.source._training import Training

KNOB = Knob.NORM
CURES = (
    "vanishing-gradients",
    "exploding-gradients",
    "saturated-units",
    "init-too-small",
    "init-too-large",
    "plateau",
    "dead-units",
)
EXAMPLES = (
    (
        "vanishing-gradients",
        "from torch import nn\nfor _ in range(9):\n    layers += [nn.Linear(d, width), nn.Sigmoid()]\n",
        "from torch import nn\nfor _ in range(9):\n"
        "    layers += [nn.Linear(d, width), nn.BatchNorm1d(width), nn.Sigmoid()]\n",
    ),
    (
        "vanishing-gradients",
        "from torch import nn\nhidden = nn.ModuleList(nn.Linear(a, b) for a, b in sizes)\n",
        "from torch import nn\nhidden = nn.ModuleList("
        "nn.Sequential(nn.Linear(a, b), nn.BatchNorm1d(b)) for a, b in sizes)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    if any("BatchNorm" in source.name(c) or "LayerNorm" in source.name(c) for c in source.calls("torch.nn.")):
        return
    edits = []
    for kind, norm in (("torch.nn.Linear", "BatchNorm1d"), ("torch.nn.Conv2d", "BatchNorm2d")):
        for call in source.calls(kind):
            holder = source.parent(call)
            items = list(
                getattr(source.parent(holder) if holder else None, "args", None)
                or getattr(source.parent(holder) if holder else None, "elements", None)
                or ()
            )
            place = next((i for i, item in enumerate(items) if item is holder), len(items))
            if len(call.args) >= 2 and place + 1 < len(items) and activation(source, items[place + 1].value):
                width = source.code(call.args[1].value)
                edits.append(
                    source.put(source.span(call)[1], f", {source.spell('torch.nn.' + norm)}({width})")
                )
    if edits:
        yield Change(
            name="batch-norm",
            text="Put batch normalisation between each layer and its activation.",
            edits=tuple(edits),
        )
    wrapped = list(_wrapped(source))
    if wrapped:
        yield Change(
            name="batch-norm",
            text="Put batch normalisation behind each layer of the list.",
            edits=tuple(wrapped),
        )


def _wrapped(source: Training) -> Iterator[Edit]:
    """Layers of a ModuleList, whose activations are called in ``forward``: each with a norm of its own."""
    sequential, norm = source.spell("torch.nn.Sequential"), source.spell("torch.nn.BatchNorm1d")
    for call in source.calls("torch.nn.Linear"):
        holders = [source.layer_name(above) for above in source.around(call, cst.Call)]
        if len(call.args) >= 2 and holders[:1] == ["ModuleList"]:
            made = source.code(call)
            width = source.code(call.args[1].value)
            yield source.replace(call, f"{sequential}({made}, {norm}({width}))")
