"""Turn the sign of a loss that is maximised."""

from collections.abc import Iterator

import libcst as cst

from netsitter.remedy import Knob
from netsitter.treat.source import Case, Change
from netsitter.treat.source._training import Training

KNOB = Knob.LOSS
CURES = ("gradient-sign", "non-finite-loss", "exploding-gradients")

EXAMPLES = (
    (
        "gradient-sign",
        "loss = nll(net(x), y)\nloss.backward()\n",
        "loss = -nll(net(x), y)\nloss.backward()\n",
    ),
    ("gradient-sign", "loss = -ce(net(x), y)\nloss.backward()\n", "loss = ce(net(x), y)\nloss.backward()\n"),
    ("gradient-sign", "(-loss).backward()\n", "(loss).backward()\n"),
    (
        "gradient-sign",
        "import torch\nopt = torch.optim.Adam(net.parameters(), maximize=True)\n",
        "import torch\nopt = torch.optim.Adam(net.parameters(), maximize=False)\n",
    ),
)


def changes(source: Training, case: Case) -> Iterator[Change]:
    for call in source.optimizers:
        given = source.argument(call, "maximize")
        if given is not None and source.code(given.value) == "True":
            yield Change(
                name="turn-the-sign",
                text="Let the optimiser minimise: maximize=False.",
                edits=(source.replace(given.value, "False"),),
            )
    for backward in source.backwards:
        value = source.loss_value(backward)
        if value is None:
            continue
        if isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Minus):
            new = source.code(value.expression)
        elif isinstance(value, cst.Call | cst.Name | cst.Attribute | cst.Subscript):
            new = f"-{source.code(value)}" if value is not _receiver(backward) else f"(-{source.code(value)})"
        else:
            new = f"-({source.code(value)})"
        yield Change(
            name="turn-the-sign",
            text="Turn the sign of the loss, so that a better prediction gives a smaller one.",
            edits=(source.replace(value, new),),
            distorts=("training-loss",),
        )


def _receiver(call: cst.Call) -> cst.BaseExpression | None:
    return call.func.value if isinstance(call.func, cst.Attribute) else None
