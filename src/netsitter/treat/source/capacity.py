"""Give the network more hidden units, or fewer."""

from collections.abc import Iterator
from typing import Any

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._reading import number
from netsitter.treat.source._training import Training

KNOB = Knob.CAPACITY
CURES = ("underfitting", "too-few-epochs", "plateau", "overfitting", "not-learning")
WIDEST = 512
"""No hidden layer is made wider than this: a step's price grows with the square of the width. The upper end
of the search over an MLP's widths in Gorishniy et al., Revisiting deep learning for tabular data, 2021."""
EXAMPLES = (
    (
        "underfitting",
        "from torch import nn\nH = 2\nnet = nn.Sequential(nn.Linear(64, H), nn.ReLU(), nn.Linear(H, 10))\n",
        "from torch import nn\nH = 16\nnet = nn.Sequential(nn.Linear(64, H), nn.ReLU(), nn.Linear(H, 10))\n",
    ),
    (
        "underfitting",
        "from torch import nn\nH = 100\nnet = nn.Sequential(nn.Linear(64, H), nn.ReLU(), nn.Linear(H, 10))\n",
        "from torch import nn\nH = 512\nnet = nn.Sequential(nn.Linear(64, H), nn.ReLU(), nn.Linear(H, 10))\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    widths = _widths(source)
    for factor in (0.25,) if case.illness == "overfitting" else (8, 2, 32):
        edits = []
        for width in widths:
            value = number(source.code(width)) or 0
            new = max(2, min(round(value * factor), max(round(value), WIDEST)))
            edits.append(source.replace(width, str(new)))
        if edits:
            most = f", {WIDEST} at most" if any(edit.text == str(WIDEST) for edit in edits) else ""
            yield Change(
                name="smaller-network" if factor < 1 else "more-capacity",
                text=f"Make the hidden layers {factor:g} times as wide{most}.",
                edits=tuple(dict.fromkeys(edits)),
            )


def _widths(source: Training) -> list[Any]:
    """Numbers that are both the width of one layer's output and the next one's input."""
    outputs: list[tuple[Any, cst.Call]] = []
    inputs: list[tuple[Any, cst.Call]] = []
    for call in source.calls("torch.nn.Linear", "torch.nn.modules.linear.Linear"):
        if len(call.args) >= 2:
            inputs.append((source.literal(call.args[0].value), call))
            outputs.append((source.literal(call.args[1].value), call))
    for call in source.calls("torch.nn.BatchNorm1d", "torch.nn.LayerNorm"):
        if call.args:
            inputs.append((source.literal(call.args[0].value), call))
    found: dict[int, Any] = {}
    for out, maker in outputs:
        for width, user in inputs:
            if out is None or width is None or source.span(user) <= source.span(maker):
                continue
            if source.code(out) == source.code(width):
                found[source.span(out)[0]], found[source.span(width)[0]] = out, width
    return list(found.values())
