"""Lower dropout, or put some between the layers."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._head import activation
from netsitter.treat.source._reading import number
from netsitter.treat.source._training import Training

KNOB = Knob.REGULARIZATION
CURES = ("dropout-too-high", "overfitting", "over-regularised", "underfitting", "plateau", "not-learning")
DROPOUTS = (
    "torch.nn.Dropout",
    "torch.nn.Dropout1d",
    "torch.nn.Dropout2d",
    "torch.nn.Dropout3d",
    "torch.nn.AlphaDropout",
)
DEFAULT = 0.5

EXAMPLES = (
    (
        "dropout-too-high",
        "from torch import nn\nP = 0.9\nd = nn.Dropout(P)\n",
        "from torch import nn\nP = 0.2\nd = nn.Dropout(P)\n",
    ),
    (
        "dropout-too-high",
        "from torch import nn\nimport settings\nd = nn.Dropout(settings.DROP)\n",
        "from torch import nn\nimport settings\nd = nn.Dropout(0.2)\n",
    ),
    (
        "overfitting",
        "from torch import nn\nn = nn.Sequential(nn.Linear(2, 9), nn.ReLU(), nn.Linear(9, 1))\n",
        "from torch import nn\n"
        "n = nn.Sequential(nn.Linear(2, 9), nn.ReLU(), nn.Dropout(0.5), nn.Linear(9, 1))\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    if case.illness == "overfitting":
        for rate in (0.5, 0.3):
            yield from _added(source, rate)
        return
    is_certain = case.illness == "dropout-too-high"
    for rate in ("0.2", "0.0"):
        edits = []
        for call in source.calls(*DROPOUTS, "torch.nn.functional.dropout"):
            given = source.argument(call, "p", 1 if "functional" in source.name(call) else 0)
            literal = source.literal(given.value) if given is not None else None
            old = DEFAULT if given is None else number(source.code(literal)) if literal is not None else None
            if old is not None and old > 0.3:
                edits.append(
                    source.set_argument(call, "p", rate) if literal is None else source.replace(literal, rate)
                )
            elif given is not None and literal is None and is_certain:
                # Where the rate is written is not certain, that it is too high is.
                edits.append(source.replace(given.value, rate))
        if edits:
            yield Change(
                name="less-dropout", text=f"Set dropout to {rate}.", edits=tuple(dict.fromkeys(edits))
            )


def _added(source: Training, rate: float) -> Iterator[Change]:
    """Behind every hidden activation of a Sequential, and in ``forward``."""
    if source.calls(*DROPOUTS, "torch.nn.functional.dropout"):
        return
    layer = f"{source.spell('torch.nn.Dropout')}({rate:g})"
    edits = [
        source.put(source.span(arg.value)[1], f", {layer}")
        for sequential in source.sequentials
        for arg in source.layers(sequential)[:-1]
        if activation(source, arg.value)
    ]
    if not edits:
        dropout = source.spell("torch.nn.functional.dropout")
        for forward in source.forwards:
            for call in source.inside(forward, cst.Call):
                if activation(source, call) in ("relu", "tanh", "gelu", "elu", "leaky_relu"):
                    edits.append(
                        source.replace(call, f"{dropout}({source.code(call)}, {rate:g}, self.training)")
                    )
    if edits:
        yield Change(
            name="more-dropout",
            text=f"Add dropout of {rate:g} behind the hidden activations.",
            edits=tuple(edits),
        )
